//! What happens to templates.
use whatsapp_core::{TemplateChange, TemplateUpdate};

use super::{AccountChange, detail, one_as, read_value, sample};

fn update(name: &str) -> TemplateUpdate {
    let (field, value) = sample(name, 0);
    one_as!(Template, &field, &value)
}

#[test]
fn a_rejection_says_why() {
    let rejected = update("template-status-rejected");
    assert_eq!(rejected.id.as_deref(), Some("900000000000000102"));
    assert_eq!(rejected.name.as_deref(), Some("car_ready"));
    let note = "Two variables stand next to each other. Put words between the variables.";
    let expected = TemplateChange::Status {
        status: "REJECTED".to_owned(),
        reason: Some("INVALID_FORMAT".to_owned()),
        note: Some(note.to_owned()),
    };
    assert_eq!(rejected.change, expected);
}

#[test]
fn a_pause_says_which_and_no_reason_is_none() {
    let expected = TemplateChange::Status {
        status: "PAUSED".to_owned(),
        reason: Some("FIRST_PAUSE".to_owned()),
        note: Some("Paused for three hours because of its quality.".to_owned()),
    };
    assert_eq!(update("template-status-paused").change, expected);
    let approved = TemplateChange::Status { status: "APPROVED".to_owned(), reason: None, note: None };
    assert_eq!(update("template-status-approved").change, approved);
}

#[test]
fn languages_have_an_underscore_everywhere() {
    assert_eq!(update("template-status-disabled").language.as_deref(), Some("en_US"));
    let AccountChange::TemplateStatus(disabled) = detail("template-status-disabled") else { panic!() };
    assert_eq!(disabled.language.as_deref(), Some("en_US"));
}

#[test]
fn the_day_of_a_stop_is_a_number_or_words() {
    for (name, expected) in [("disabled", "1790100000"), ("flagged", "10/05/2026")] {
        let AccountChange::TemplateStatus(status) = detail(&format!("template-status-{name}")) else { panic!() };
        assert_eq!(status.disable_info.unwrap().disable_date.as_deref(), Some(expected));
    }
}

#[test]
fn quality_is_found_under_the_wrong_field_too() {
    let quality = |from: &str, to: &str| TemplateChange::Quality { from: Some(from.to_owned()), to: to.to_owned() };
    assert_eq!(update("template-quality").change, quality("GREEN", "YELLOW"));
    let misfiled = update("template-quality-wrong-field");
    assert_eq!(misfiled.change, quality("YELLOW", "RED"));
    assert_eq!(misfiled.language.as_deref(), Some("en_US"));
    let both = r#"{"event": "PAUSED", "new_quality_score": "RED", "message_template_id": 1}"#;
    let paused = one_as!(Template, "message_template_status_update", both);
    assert!(matches!(paused.change, TemplateChange::Status { .. }), "an event is the status's");
}

#[test]
fn a_category_is_announced_and_then_done() {
    let category = |from: &str, to: &str, upcoming| TemplateChange::Category {
        from: Some(from.to_owned()),
        to: Some(to.to_owned()),
        upcoming,
    };
    assert_eq!(update("template-category-upcoming").change, category("UTILITY", "MARKETING", true));
    assert_eq!(update("template-category-done").change, category("UTILITY", "MARKETING", false));
    for name in ["template-correct-category", "template-correct-category-other-keys"] {
        assert_eq!(update(name).change, category("UTILITY", "MARKETING", true), "{name}");
    }
    let AccountChange::TemplateCategory(soon) = detail("template-category-upcoming") else { panic!() };
    assert_eq!(soon.at.unwrap().timestamp(), 1_790_200_000);
}

#[test]
fn wording_comes_with_its_buttons() {
    let TemplateChange::Components { body, header, footer } = update("template-components").change else { panic!() };
    assert_eq!(header.as_deref(), Some("ההזמנה התקבלה"));
    assert!(body.unwrap().starts_with("תודה {{1}}!"));
    assert_eq!(footer.as_deref(), Some("מאפיית השכונה"));
    let AccountChange::TemplateComponents(components) = detail("template-components") else { panic!() };
    let kinds: Vec<_> = components.buttons.iter().map(|button| button.kind.as_deref().unwrap()).collect();
    assert_eq!(kinds, ["PHONE_NUMBER", "URL"]);
    assert_eq!(components.buttons[0].phone_number.as_deref(), Some("+97235550101"));
    assert_eq!(components.buttons[1].url.as_deref(), Some("https://bakery.example/orders"));
}

#[test]
fn without_what_happened_it_is_nothing() {
    let nameless = r#"{"message_template_id": 1, "message_template_name": "x", "event": ["APPROVED"]}"#;
    assert!(read_value("message_template_status_update", nameless).is_none());
}
