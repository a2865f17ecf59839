//! Where Meta's webhooks differ from themselves.
use serde_json::{Map, Value};

const STATUS: &str = "message_template_status_update";
const QUALITY: &str = "message_template_quality_update";

/// Makes the value of `field` what it should have been, and says which field it should have been.
pub(super) fn mend<'a>(field: &'a str, value: &mut Map<String, Value>) -> &'a str {
    // In REST the same language is written with an underscore.
    if let Some(Value::String(language)) = value.get_mut("message_template_language") {
        *language = language.replace('-', "_");
    }
    match field {
        // Meta's own sample of a quality change stands under the field of status changes.
        STATUS if value.contains_key("new_quality_score") && !value.get("event").is_some_and(Value::is_string) => {
            QUALITY
        }
        // Some clients know the keys of an alert without the object around them.
        "account_alerts" => {
            if let Some(Value::Object(info)) = value.remove("alert_info") {
                value.extend(info);
            }
            field
        }
        _ => field,
    }
}
