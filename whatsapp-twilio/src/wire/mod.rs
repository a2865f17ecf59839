//! What goes over the wire: forms and channel addresses.
mod address;
mod form;

use http::{Method, header::CONTENT_TYPE};
use whatsapp_core::WebhookRequest;

#[cfg(feature = "fake")]
pub(crate) use self::form::Form;
pub(crate) use self::{
    address::{address, bare, is_whatsapp},
    form::{Text, fields, sole},
};

/// The only content type whose fields a signature covers one by one.
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

/// Whether the body is a form by its one `Content-Type`; the body itself is not asked.
pub(crate) fn is_form(request: &WebhookRequest<'_>) -> bool {
    let essence = request.header(CONTENT_TYPE.as_str()).and_then(|value| value.split(';').next());
    essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case(FORM))
}

/// Where the fields of a request stand: in its body if that is a form, for GET in its address. `None` if the body is
/// something else.
pub(crate) fn fields_of<'r>(request: &WebhookRequest<'r>) -> Option<&'r [u8]> {
    if *request.method == Method::GET {
        Some(request.query().as_bytes())
    } else {
        is_form(request).then_some(request.body)
    }
}
