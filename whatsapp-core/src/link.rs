//! `wa.me` links: a person taps, and their own WhatsApp opens with the text in place.
use url::Url;

use crate::PhoneNumber;

/// A link that opens a chat with `phone`, with `text` typed in but not sent.
///
/// ```
/// use whatsapp_core::wa_me;
/// let phone = "+972501234567".parse().unwrap();
/// assert_eq!(wa_me(&phone, Some("שלום & ברוך")), "https://wa.me/972501234567?text=%D7%A9%D7%9C%D7%95%D7%9D%20%26%20%D7%91%D7%A8%D7%95%D7%9A");
/// assert_eq!(wa_me(&phone, None), "https://wa.me/972501234567");
/// ```
#[must_use]
pub fn wa_me(phone: &PhoneNumber, text: Option<&str>) -> String {
    let address = format!("https://wa.me/{}", phone.digits());
    let (Some(text), Ok(mut url)) = (text.filter(|text| !text.is_empty()), Url::parse(&address)) else {
        return address;
    };
    url.query_pairs_mut().append_pair("text", text);
    // WhatsApp shows a `+` of the form encoding as a plus sign.
    url.as_str().replace('+', "%20")
}
