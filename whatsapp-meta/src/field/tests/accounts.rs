//! The account, its numbers and what people do with them.
use bytes::Bytes;
use serde_json::Value;
use whatsapp_core::{AccountUpdate, Envelope, Event, ProviderId, Unknown};

use super::{super::line_of, AccountChange, Document, ID, detail, items, one_as, read_value, sample};
use crate::account_change::MessagingLimit;

fn update(name: &str, at: usize) -> AccountUpdate {
    let (field, value) = sample(name, at);
    one_as!(Account, &field, &value)
}

#[test]
fn each_says_what_happened() {
    for (name, kind, event) in [
        ("account-alert", "account_alerts", "INCREASED_CAPABILITIES_ELIGIBILITY_DEFERRED"),
        ("account-alert-flat", "account_alerts", "PROFILE_PICTURE_LOST"),
        ("account-review", "account_review_update", "APPROVED"),
        ("account-settings", "account_settings_update", "phone_number_settings"),
        ("account-update-unknown-event", "account_update", "EVENT_OF_TOMORROW"),
        ("automatic-events", "automatic_events", "LeadSubmitted"),
        ("business-username", "business_username_updates", "reserved"),
        ("flows-endpoint-latency", "flows", "ENDPOINT_LATENCY"),
        ("handover-passed", "messaging_handovers", "control_passed"),
        ("partner-solutions", "partner_solutions", "SOLUTION_CREATED"),
        ("payment-configuration", "payment_configuration_update", "Needs Testing"),
        ("phone-number-name", "phone_number_name_update", "APPROVED"),
        ("phone-number-quality-throughput", "phone_number_quality_update", "THROUGHPUT_UPGRADE"),
        ("security", "security", "PIN_CHANGED"),
        ("tracking-events", "tracking_events", "marketing_messages_link_click"),
    ] {
        assert_eq!(update(name, 0), AccountUpdate::new(kind, Some(event.to_owned())), "{name}");
    }
    assert_eq!(update("business-capability", 0), AccountUpdate::new("business_capability_update", None));
    let status = one_as!(Account, "business_status_update", r#"{"business_id": 5, "event": "X"}"#);
    assert_eq!(status, AccountUpdate::new("business_status_update", Some("X".to_owned())));
}

#[test]
fn nothing_readable_is_nothing() {
    for field in ["security", "account_update", "business_capability_update", "flows"] {
        for value in ["{}", "[]", "7", "\"text\"", r#"{"points": [1]}"#, r#"{"event": {}}"#, "{"] {
            assert!(read_value(field, value).is_none(), "{field} {value}");
        }
    }
    assert!(read_value("messages", r#"{"messages": [{"id": "a"}]}"#).is_none());
}

#[test]
fn a_restriction_ends_at_a_number_or_a_text() {
    for name in ["restriction", "restriction-text-expiration"] {
        let AccountChange::AccountUpdate(update) = detail(&format!("account-update-{name}")) else { panic!() };
        assert_eq!(update.restriction_info.len(), 2);
        assert_eq!(update.restriction_info[0].expiration.unwrap().timestamp(), 1_790_300_000, "{name}");
    }
    let AccountChange::AccountUpdate(update) = detail("account-update-restriction-text-expiration") else { panic!() };
    assert_eq!(update.restriction_info[0].remediation.as_deref(), Some("Wait until the restriction ends."));
    assert_eq!(update.restriction_info[1].kind.as_deref(), Some("RESTRICTED_UTILITY_TEMPLATES"));
    assert_eq!(update.restriction_info[1].expiration, None);
}

#[test]
fn an_odd_field_costs_its_neighbours_nothing() {
    let value = r#"{"event": "ACCOUNT_RESTRICTION", "phone_number": {}, "country": 7, "ban_info": "none",
        "restriction_info": [5, {"restriction_type": "A", "expiration": "soon"}, {}, []]}"#;
    let Some(AccountChange::AccountUpdate(update)) = AccountChange::read("account_update", value) else { panic!() };
    assert_eq!((update.phone_number, update.country.as_deref(), update.ban_info), (None, Some("7"), None));
    assert_eq!(update.restriction_info.len(), 1);
    assert_eq!(update.restriction_info[0].kind.as_deref(), Some("A"));
    assert_eq!(update.restriction_info[0].expiration, None);
    let single = r#"{"restriction_info": {"restriction_type": "A"}}"#;
    let Some(AccountChange::AccountUpdate(update)) = AccountChange::read("account_update", single) else { panic!() };
    assert_eq!(update.restriction_info.len(), 1, "one object in place of a list");
}

#[test]
fn bans_partners_tiers_and_checks_are_read() {
    let of = |name: &str| match detail(&format!("account-update-{name}")) {
        AccountChange::AccountUpdate(update) => *update,
        other => panic!("{other:?}"),
    };
    let ban = of("ban").ban_info.unwrap();
    assert_eq!((ban.state.as_deref(), ban.date.as_deref()), (Some("SCHEDULE_FOR_DISABLE"), Some("October 3, 2026")));
    let info = of("partner-app-installed").waba_info.unwrap();
    assert_eq!(info.partner_app_id.as_deref(), Some("2106500000000001"));
    assert_eq!(info.solution_partner_business_ids, ["5106500000000001"]);
    let rates = of("authentication-international").international_rates.unwrap();
    assert_eq!(rates.start_time.unwrap().timestamp(), 1_790_300_000);
    assert_eq!(rates.exception_countries[0].country_code.as_deref(), Some("IN"));
    assert_eq!(of("volume-tier").volume_tier_info.unwrap().tier.as_deref(), Some("1000001:5000000"));
    let left = of("partner-removed-disconnected").disconnection_info.unwrap();
    assert_eq!(left.initiated_by.as_deref(), Some("SYSTEM"));
    let check = of("partner-certification").certification.unwrap();
    assert_eq!(check.rejection_reasons, ["ADDRESS_NOT_MATCHING"]);
    let violation = of("violation-remediation").violation_info.unwrap();
    assert_eq!(violation.kind.as_deref(), Some("SCAM"));
    assert_eq!(of("primary-location").country.as_deref(), Some("IL"));
    assert_eq!(of("verified-account").phone_number.as_deref(), Some("97235550100"));
}

#[test]
fn limits_are_numbers_or_steps() {
    let of = |name: &str| match detail(name) {
        AccountChange::BusinessCapability(capability) => *capability,
        other => panic!("{other:?}"),
    };
    assert_eq!(of("business-capability").people_per_business, Some(MessagingLimit::People(2_000)));
    assert_eq!(of("business-capability-tier").people_per_business, Some(MessagingLimit::People(10_000)));
    let unlimited = of("business-capability-unlimited");
    assert_eq!(unlimited.people_per_number, Some(MessagingLimit::Unlimited));
    assert_eq!((unlimited.numbers_per_business, unlimited.numbers_per_account), (Some(50), Some(50)));
    let AccountChange::PhoneNumberQuality(quality) = detail("phone-number-quality-throughput") else { panic!() };
    assert_eq!(quality.current_limit, Some(MessagingLimit::Unlimited));
    let odd = r#"{"current_limit": "TIER_NEXT"}"#;
    let Some(AccountChange::PhoneNumberQuality(quality)) = AccountChange::read("phone_number_quality_update", odd)
    else {
        panic!()
    };
    assert_eq!(quality.current_limit, Some(MessagingLimit::Other("TIER_NEXT".to_owned())));
    assert_eq!(serde_json::to_string(&quality).unwrap(), r#"{"current_limit":"TIER_NEXT"}"#);
}

#[test]
fn settings_flows_purchases_and_alerts_are_read() {
    let AccountChange::AccountSettings(settings) = detail("account-settings") else { panic!() };
    assert_eq!(settings.timestamp.unwrap().timestamp(), 1_790_016_623);
    let calling = settings.phone_number_settings.unwrap().calling.unwrap();
    let hours = calling.call_hours.unwrap();
    assert_eq!(hours.timezone_id.as_deref(), Some("Asia/Jerusalem"));
    assert_eq!(hours.weekly_operating_hours[0].open_time.as_deref(), Some("0800"));
    assert_eq!(hours.holiday_schedule[0].date.as_deref(), Some("2026-10-02"));
    assert_eq!(calling.sip.unwrap().servers[0].port, Some(5061));
    let AccountChange::FlowUpdate(flow) = detail("flows-endpoint-error-rate") else { panic!() };
    assert_eq!((flow.error_rate, flow.threshold), (Some(12.5), Some(10.0)));
    assert_eq!((flow.errors[0].rate, flow.errors[1].count), (Some(75.5), Some(2)));
    let (_, value) = sample("automatic-events", 1);
    let json: Value = serde_json::from_str(&value).unwrap();
    let item = json["automatic_events"][0].to_string();
    let Some(AccountChange::AutomaticEvent(bought)) = AccountChange::read("automatic_events", &item) else { panic!() };
    let data = bought.custom_data.unwrap();
    assert_eq!((data.currency.as_deref(), data.value), (Some("ILS"), Some(8950.0)));
    for (name, severity) in [("account-alert", "WARNING"), ("account-alert-flat", "INFORMATIONAL")] {
        let AccountChange::AccountAlert(alert) = detail(name) else { panic!() };
        assert_eq!(alert.severity.as_deref(), Some(severity), "{name}");
    }
}

#[test]
fn a_handover_tells_who_and_hides_the_number_from_logs() {
    let AccountChange::Handover(handover) = detail("handover-passed") else { panic!() };
    let shown = format!("{handover:?}");
    assert!(!shown.contains("972541112233"), "{shown}");
    assert_eq!(handover.sender.unwrap().phone_number.unwrap().as_str(), "+972541112233");
    let control = handover.control_passed.unwrap();
    assert_eq!(control.new_owner_role.as_deref(), Some("escalation"));
    let summary = control.conversation_context.unwrap().summary.unwrap();
    assert_eq!(summary.text.as_deref(), Some("שאלה על מחיר צבע"));
    let (field, value) = sample("handover-passed", 0);
    assert_eq!(items(&field, &value)[0].at.unwrap().timestamp(), 1_790_018_769);
}

#[test]
fn some_changes_are_of_another_line_than_they_stand_in() {
    let line = |name: &str| {
        let (field, value) = sample(name, 0);
        let document = Document::read(&value).unwrap_or_else(|_| panic!("no JSON"));
        line_of(&field, document.root()).map(|line| line.as_str().to_owned())
    };
    assert_eq!(line("handover-taken").as_deref(), Some("106500000000001"));
    assert_eq!(line("account-settings").as_deref(), Some("106500000000003"));
    for name in ["partner-added", "partner-removed", "ad-account-linked", "marketing-terms-signed"] {
        assert_eq!(line(&format!("account-update-{name}")).as_deref(), Some("waba:9106500000000011"), "{name}");
    }
    assert_eq!(line("account-update-ban"), None);
    assert_eq!(line("security"), None);
}

#[test]
fn details_are_of_our_own_events_only() {
    let raw = r#"{"field": "security", "value": {"event": "PIN_CHANGED"}}"#;
    let event = || Event::Account(AccountUpdate::new("security", None));
    let of = |provider, event, raw: &'static str| {
        AccountChange::of(&Envelope::new(provider, "1".into(), event, Bytes::from(raw)))
    };
    assert!(of(ID, event(), raw).is_some());
    assert!(of(ProviderId::new("other"), event(), raw).is_none());
    assert!(of(ID, event(), "").is_none(), "stored without its bytes");
    assert!(of(ID, Event::Unknown(Unknown::new("security")), raw).is_none());
}
