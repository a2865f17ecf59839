//! What Meta writes into a webhook, borrowed from the body. Every field may be missing or of another type than
//! documented; only the field that is odd is lost. Source: Meta, Webhooks reference, `messages`.
mod json;
mod scan;
mod text;

pub(crate) use self::{
    json::{Document, Json},
    scan::Refused,
};

/// An object of which the named fields are read.
pub(crate) trait Fields<'a>: Default {
    /// Where the value of `key` belongs; `None` for a key that is not read.
    fn field(&mut self, key: &str) -> Option<&mut Json<'a>>;
}

/// Reads an object; `None` if it is something else or has one of the fields twice: two readers could each take
/// another one.
pub(crate) fn object<'a, T: Fields<'a>>(json: Json<'a>) -> Option<T> {
    let mut object = T::default();
    for (key, value) in json.entries()? {
        let field = match key.plain() {
            Some(key) => object.field(key),
            None => object.field(&key.str()?),
        };
        if let Some(field) = field {
            if field.is_written() {
                return None;
            }
            *field = value;
        }
    }
    Some(object)
}

/// What a change is about, and whether it has more than the fields, or one of them twice; the last one counts.
pub(crate) fn value(json: Json<'_>) -> Option<(Value<'_>, bool)> {
    let (mut value, mut more) = (Value::default(), false);
    for (key, found) in json.entries()? {
        if let Some(field) = value.field(&key.str()?) {
            more |= field.is_written();
            *field = found;
        } else {
            more = true;
        }
    }
    Some((value, more))
}

/// Structs of fields. A field is named as its key, or `field = "key"`; `| "alias"` is another key of the same field.
macro_rules! wire {
    ($($(#[$meta:meta])* $name:ident { $($field:ident $(= $key:literal)? $(| $alias:literal)?,)* })*) => { $(
        $(#[$meta])*
        #[derive(Default)]
        pub(crate) struct $name<'a> {
            $(pub(crate) $field: Json<'a>,)*
        }

        impl<'a> Fields<'a> for $name<'a> {
            fn field(&mut self, key: &str) -> Option<&mut Json<'a>> {
                $(if key == wire!(key $field $($key)?) $(|| key == $alias)? {
                    return Some(&mut self.$field);
                })*
                None
            }
        }
    )* };
    (key $field:ident) => { stringify!($field) };
    (key $field:ident $key:literal) => { $key };
}

wire! {
    /// A whole webhook.
    Body { object, entry, }
    /// What happened in one WhatsApp Business Account.
    Entry { id, time, changes, }
    /// What happened of one sort.
    Change { field, value, }
    /// The value of a change that is about a phone number. The first is a constant.
    Value { messaging_product, metadata, contacts, messages, statuses, errors, user_actions, conversation_context, }
    /// The phone number it is about.
    Metadata { phone_number_id, display_phone_number, }
    /// A person, as the account knows them.
    Contact { profile, wa_id, user_id, parent_user_id, }
    /// What a person shows of themselves.
    Profile { name, username, }
    /// A contact's message. What it says stands under the name of its type.
    Message {
        id,
        timestamp,
        kind = "type",
        from,
        from_user_id,
        from_parent_user_id,
        group_id,
        context,
        referral,
    }
    /// Text.
    Text { body, }
    /// What a message refers to.
    Context { id, forwarded, frequently_forwarded, referred_product, }
    /// A file.
    Media { id, url, mime_type, sha256, caption, filename, voice, animated, }
    /// A place; the coordinates are numbers, and texts in some captures.
    Location { latitude, longitude, name, address, }
    /// An emoji on a message; a removal has an empty one or none.
    Reaction { message_id, emoji, }
    /// How far a message of ours came.
    Status {
        id,
        reached = "status",
        timestamp,
        kind = "type",
        recipient_id,
        recipient_user_id,
        recipient_parent_user_id | "parent_recipient_user_id",
        recipient_type,
        recipient_participant_id | "participant_recipient_id",
        recipient_participant_user_id,
        biz_opaque_callback_data,
        errors,
        conversation,
        pricing,
    }
    /// Why something failed; the details stood beside the code in older captures.
    Failure { code, title, message, details, error_data, }
}
