//! People's wishes, and the contact book.
use whatsapp_core::{Alias, AliasKind, ContactBookEntry, Event, Identity, Preference, PreferenceChoice};

use super::{bsuid, events, items, one, one_as, phone, sample};

#[test]
fn a_wish_has_the_whole_identity() {
    let wish = |contact, choice| Event::Preference(Preference::new(contact, "marketing_messages", choice));
    let plain = phone("972541112233");
    assert_eq!(events("user-preferences-stop"), [wish(plain.clone().with_name("דנה כהן"), PreferenceChoice::Stop)]);
    assert_eq!(events("user-preferences-resume"), [wish(plain, PreferenceChoice::Resume)]);
    let yossi = bsuid(phone("972502221133"), "IL.44809999000011112222")
        .with_alias(Alias::new(AliasKind::ParentBsuid, "IL.ENT.55809999000011112222"))
        .with_name("יוסי מזרחי");
    assert_eq!(events("user-preferences-signup"), [wish(yossi, PreferenceChoice::Signup)]);
}

#[test]
fn the_time_is_a_number_or_a_text() {
    for (name, expected) in [("stop", 1_790_016_845), ("user-id", 1_790_016_956)] {
        let (field, value) = sample(&format!("user-preferences-{name}"), 0);
        assert_eq!(items(&field, &value)[0].at.unwrap().timestamp(), expected);
    }
}

#[test]
fn an_unknown_wish_keeps_its_word_and_one_without_category_is_about_marketing() {
    let value = r#"{"user_preferences": [{"wa_id": "972541112233", "value": "Less"}]}"#;
    let wish = one_as!(Preference, "user_preferences", value);
    assert_eq!(wish.choice, PreferenceChoice::Other("Less".to_owned()));
    assert_eq!(wish.category, "marketing_messages");
}

#[test]
fn a_damaged_item_costs_its_neighbours_nothing() {
    let value = r#"{"user_preferences": [5, {"value": "stop"}, {"wa_id": 972541112233, "value": "stop"}, null]}"#;
    let found = items("user_preferences", value);
    let kinds: Vec<_> = found
        .iter()
        .map(|item| match &item.event {
            Event::Unknown(unknown) => &*unknown.kind,
            Event::Preference(_) => "read",
            other => panic!("{other:?}"),
        })
        .collect();
    let damaged = "user_preferences.unreadable";
    assert_eq!(kinds, [damaged, damaged, "read", damaged]);
    let raws: Vec<_> = found.iter().map(|item| item.raw.as_deref().unwrap()).collect();
    assert_eq!(raws, ["5", r#"{"value": "stop"}"#, r#"{"wa_id": 972541112233, "value": "stop"}"#, "null"]);
}

#[test]
fn the_contact_book_names_people() {
    let yossi = phone("972502221133");
    let entry = |contact, removed| Event::ContactBook(ContactBookEntry::new(contact, removed));
    assert_eq!(events("smb-contact-added"), [entry(yossi.clone().with_name("יוסי מזרחי"), false)]);
    assert_eq!(events("smb-contact-removed"), [entry(yossi, true)]);
    let noa = Identity::new(Alias::new(AliasKind::Bsuid, "IL.44805555666677778888")).with_name("נועה לוי");
    assert_eq!(events("smb-contact-user-id")[0], entry(noa, false));
    let (field, value) = sample("smb-contact-removed", 0);
    assert_eq!(items(&field, &value)[0].at.unwrap().timestamp(), 1_790_017_252);
    let odd = r#"{"state_sync": [{"type": "contact", "contact": {"phone_number": "972502221133"}}]}"#;
    assert!(matches!(one("smb_app_state_sync", odd), Event::Unknown(_)), "neither added nor removed");
}
