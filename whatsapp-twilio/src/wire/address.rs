//! Channel addresses as Twilio spells them: `whatsapp:+972501234567`, `whatsapp:IL.4480…`.

const CHANNEL: &str = "whatsapp:";

/// The address, spelled in full.
///
/// Some webhooks lack the prefix, and a proxy that forgets to escape `+` turns it into a blank. Addresses of other
/// channels stay as they are.
pub(crate) fn address(text: &str) -> String {
    let bare = bare(text);
    if bare.contains(':') {
        bare.to_owned()
    } else if !bare.is_empty() && bare.bytes().all(|b| b.is_ascii_digit()) {
        [CHANNEL, "+", bare].concat()
    } else {
        [CHANNEL, bare].concat()
    }
}

/// An address without the channel.
pub(crate) fn bare(text: &str) -> &str {
    text.strip_prefix(CHANNEL).unwrap_or(text).trim()
}

/// Whether the text names the channel.
pub(crate) fn is_whatsapp(text: &str) -> bool {
    text.starts_with(CHANNEL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_get_their_prefix_and_plus() {
        for (given, wanted) in [
            ("whatsapp:+972501112222", "whatsapp:+972501112222"),
            ("+972501112222", "whatsapp:+972501112222"),
            ("whatsapp: 972501112222", "whatsapp:+972501112222"),
            ("IL.77AB", "whatsapp:IL.77AB"),
            ("messenger:123", "messenger:123"),
            ("", "whatsapp:"),
        ] {
            assert_eq!(address(given), wanted);
        }
    }
}
