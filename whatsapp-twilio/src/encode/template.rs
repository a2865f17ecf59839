//! Templates: how they are named, and their values.
use whatsapp_core::Template;

/// Whether `name` is a content's id rather than what it is called.
pub(crate) fn is_content_sid(name: &str) -> bool {
    name.strip_prefix("HX").is_some_and(|id| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// The values by the names of their placeholders: `1`, `2` … for those in order.
pub(crate) fn variables(template: &Template) -> Vec<(String, String)> {
    template.parameters.iter().map(|(name, value)| (name, value.to_owned())).collect()
}
