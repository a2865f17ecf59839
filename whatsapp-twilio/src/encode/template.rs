//! Templates: how they are named, and their values.
use whatsapp_core::{Result, Template};

use super::values::{has_breaks, has_gap};
use crate::endpoint::invalid;

/// Whether `name` is a content's id rather than what it is called: `HX` and thirty-two hexadecimal digits.
pub(crate) fn is_content_sid(name: &str) -> bool {
    name.strip_prefix("HX").is_some_and(|id| id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Refuses values that WhatsApp does not take: amounts and times among them, whose words are the sender's own. Source:
/// Twilio, error 63013.
pub(crate) fn check(template: &Template) -> Result<()> {
    let bad = template.parameters.iter().find(|(_, value)| has_breaks(value) || has_gap(value));
    bad.map_or(Ok(()), |(name, _)| {
        let problem = "it has a line break, a tab or more than four blanks in a row; write it in one line";
        Err(invalid(format!("template.parameters[{name}]: {problem}")))
    })
}

/// The values by the names of their placeholders: `1`, `2` … for those in order.
pub(crate) fn variables(template: &Template) -> Vec<(String, String)> {
    template.parameters.iter().map(|(name, value)| (name, value.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_told_from_a_name() {
        for (name, is_sid) in [
            ("HXd1ce0000d1ce0000d1ce0000d1ce0000", true),
            ("HXD1CE0000d1ce0000d1ce0000d1ce0000", true),
            ("HXd1ce0000d1ce0000d1ce0000d1ce000", false),
            ("HXd1ce0000d1ce0000d1ce0000d1ce00000", false),
            ("HXg1ce0000d1ce0000d1ce0000d1ce0000", false),
            ("hxd1ce0000d1ce0000d1ce0000d1ce0000", false),
            ("HXmas2026", false),
            ("HX", false),
        ] {
            assert_eq!(is_content_sid(name), is_sid, "{name}");
        }
    }
}
