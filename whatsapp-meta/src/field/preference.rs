//! What a person wants to get. Source: Meta, Webhooks reference, `user_preferences`.
use whatsapp_core::{Event, Preference, PreferenceChoice};

use super::{Item, Scope, time};
use crate::wire::Json;

/// The only category that Meta has. A wish that lacks it must not be missed.
const MARKETING: &str = "marketing_messages";

pub(super) fn read<'a>(scope: &Scope<'_, 'a>, wish: Json<'a>) -> Option<Item<'a>> {
    let contact = scope.person(wish, ["wa_id", "user_id", "parent_user_id"])?;
    let word = wish.get("value").string()?;
    let choice = match &*word.to_ascii_lowercase() {
        "stop" => PreferenceChoice::Stop,
        "resume" => PreferenceChoice::Resume,
        "signup" => PreferenceChoice::Signup,
        _ => PreferenceChoice::Other(word),
    };
    let category = wish.get("category").string().unwrap_or_else(|| MARKETING.to_owned());
    let event = Event::Preference(Preference::new(contact, category, choice));
    Some(Item { event, at: time(wish.get("timestamp")), raw: Some(wish.raw()) })
}
