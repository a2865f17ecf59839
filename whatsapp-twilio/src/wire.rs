//! What goes over the wire: forms and channel addresses.
use std::borrow::Cow;

use http::{Method, header::CONTENT_TYPE};
use whatsapp_core::WebhookRequest;

/// The only content type whose fields a signature covers one by one.
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

const CHANNEL: &str = "whatsapp:";

/// Whether the body is a form by its one `Content-Type`; the body itself is not asked.
pub(crate) fn is_form(request: &WebhookRequest<'_>) -> bool {
    let essence = request.header(CONTENT_TYPE.as_str()).and_then(|value| value.split(';').next());
    essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case(FORM))
}

/// The fields of a request, decoded, in their order. Keys may repeat.
pub(crate) struct Form<'b>(Vec<(Cow<'b, str>, Cow<'b, str>)>);

impl<'b> Form<'b> {
    pub(crate) fn parse(bytes: &'b [u8]) -> Self {
        Self(form_urlencoded::parse(bytes).collect())
    }

    /// The fields that a signature covers: those of a form, or for GET those of the address. `None` if the body
    /// is something else.
    pub(crate) fn of(request: &WebhookRequest<'b>) -> Option<Self> {
        if *request.method == Method::GET {
            Some(Self::parse(request.query().as_bytes()))
        } else {
            is_form(request).then(|| Self::parse(request.body))
        }
    }

    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (&**key, &**value))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.pairs().any(|(known, _)| known == key)
    }

    /// The first value of `key` that says anything, without U+0000: WhatsApp lets it through, and the text type
    /// of a database may not hold it. Nothing else is taken out.
    pub(crate) fn get(&self, key: &str) -> Option<Cow<'_, str>> {
        let clean = |value| if str::contains(value, '\0') { value.replace('\0', "").into() } else { value.into() };
        let mut values = self.pairs().filter(|(known, _)| *known == key).map(|(_, value)| clean(value));
        values.find(|value: &Cow<'_, str>| !value.is_empty())
    }

    /// The value of `key` if it is there exactly once: of two, each reader could take another one.
    pub(crate) fn sole(&self, key: &str) -> Option<&str> {
        let mut values = self.pairs().filter(|(known, _)| *known == key).map(|(_, value)| value);
        values.next().filter(|_| values.next().is_none())
    }

    /// The message that the form is about. The three keys hold the same id; old captures lack the first.
    pub(crate) fn message_sid(&self) -> Option<Cow<'_, str>> {
        ["MessageSid", "SmsMessageSid", "SmsSid"].into_iter().find_map(|key| self.get(key))
    }
}

/// A channel address as Twilio spells it: `whatsapp:+972501234567`, `whatsapp:IL.4480…`.
///
/// Some webhooks lack the prefix, and a proxy that forgets to escape `+` turns it into a blank. Addresses of other
/// channels stay as they are.
pub(crate) fn address(text: &str) -> String {
    let bare = bare(text);
    if bare.contains(':') {
        bare.to_owned()
    } else if !bare.is_empty() && bare.bytes().all(|b| b.is_ascii_digit()) {
        format!("{CHANNEL}+{bare}")
    } else {
        format!("{CHANNEL}{bare}")
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

    #[test]
    fn values_are_first_full_one_without_nul() {
        let form = Form::parse(b"a=&a=%00&a=x%00y&a=z&b=1&b=1");
        assert_eq!(form.get("a").as_deref(), Some("xy"));
        assert_eq!((form.get("c"), form.sole("b"), form.sole("c")), (None, None, None));
    }
}
