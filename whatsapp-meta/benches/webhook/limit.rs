//! The limit: a strict reading of well-formed bodies into structs that borrow from them, and nothing made of it.
use std::borrow::Cow;

use serde::Deserialize;

macro_rules! limit {
    ($($name:ident { $($(#[$meta:meta])* $field:ident: $kind:ty,)* })*) => { $(
        #[derive(Debug, Deserialize)]
        #[expect(dead_code, reason = "read for the time that it takes")]
        pub(crate) struct $name<'a> {
            $($(#[$meta])* #[serde(borrow)] $field: $kind,)*
        }
    )* };
}

limit! {
    Body { object: &'a str, entry: Vec<Entry<'a>>, }
    Entry { id: &'a str, changes: Vec<Change<'a>>, }
    Change { value: Value<'a>, field: &'a str, }
    Value {
        messaging_product: &'a str,
        metadata: Metadata<'a>,
        #[serde(default)]
        contacts: Vec<Contact<'a>>,
        #[serde(default)]
        messages: Vec<Message<'a>>,
        #[serde(default)]
        statuses: Vec<Progress<'a>>,
    }
    Metadata { display_phone_number: &'a str, phone_number_id: &'a str, }
    Contact { profile: Profile<'a>, wa_id: Option<&'a str>, user_id: Option<&'a str>, }
    Profile { name: Cow<'a, str>, }
    Message {
        id: &'a str,
        from: Option<&'a str>,
        from_user_id: Option<&'a str>,
        timestamp: &'a str,
        #[serde(rename = "type")]
        kind: &'a str,
        text: Option<Text<'a>>,
    }
    Text { body: Cow<'a, str>, }
    Progress {
        id: &'a str,
        status: &'a str,
        timestamp: &'a str,
        recipient_id: Option<&'a str>,
        recipient_user_id: Option<&'a str>,
        biz_opaque_callback_data: Option<Cow<'a, str>>,
        pricing: Option<Price<'a>>,
    }
    Price {
        pricing_model: &'a str,
        category: &'a str,
        #[serde(rename = "type")]
        kind: &'a str,
    }
}
