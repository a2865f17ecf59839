//! How a field is read that Meta writes loosely: a number as text, one object where a list is usual. What cannot be
//! read counts as absent, so that an odd field costs its neighbours nothing.
use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use whatsapp_core::PhoneNumber;

/// Reads one field of a struct.
pub(super) fn field<'de, D: Deserializer<'de>, T: Field>(deserializer: D) -> Result<T, D::Error> {
    Value::deserialize(deserializer).map(T::fill)
}

/// Whether a field has nothing to write.
pub(super) fn is_absent<T: Field>(field: &T) -> bool {
    field.absent()
}

/// One value.
pub(super) trait Lenient: Sized {
    /// The value, if that is what stands there.
    fn read(value: Value) -> Option<Self>;
}

/// A value that may be absent, or a list of values.
pub(super) trait Field {
    fn fill(value: Value) -> Self;
    fn absent(&self) -> bool;
}

impl<T: Lenient> Field for Option<T> {
    fn fill(value: Value) -> Self {
        T::read(value)
    }

    fn absent(&self) -> bool {
        self.is_none()
    }
}

impl<T: Lenient> Field for Vec<T> {
    fn fill(value: Value) -> Self {
        match value {
            Value::Array(items) => items.into_iter().filter_map(T::read).collect(),
            single => T::read(single).into_iter().collect(),
        }
    }

    fn absent(&self) -> bool {
        self.is_empty()
    }
}

/// Ids are written as numbers and as texts.
impl Lenient for String {
    fn read(value: Value) -> Option<Self> {
        match value {
            Value::String(text) => Some(text).filter(|text| !text.is_empty()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }
}

impl Lenient for bool {
    fn read(value: Value) -> Option<Self> {
        value.as_bool().or_else(|| value.as_str()?.parse().ok())
    }
}

impl Lenient for i64 {
    fn read(value: Value) -> Option<Self> {
        value.as_i64().or_else(|| value.as_str()?.parse().ok())
    }
}

impl Lenient for f64 {
    fn read(value: Value) -> Option<Self> {
        let number = value.as_f64().or_else(|| value.as_str()?.parse().ok())?;
        Some(number).filter(|number: &Self| number.is_finite())
    }
}

/// Meta writes Unix seconds; the crate itself writes RFC 3339.
impl Lenient for DateTime<Utc> {
    fn read(value: Value) -> Option<Self> {
        match i64::read(value.clone()) {
            Some(seconds) => Self::from_timestamp(seconds, 0).filter(|time| *time > Self::UNIX_EPOCH),
            None => value.as_str()?.parse().ok(),
        }
    }
}

/// A number of a person, whose `Debug` shows only its end.
impl Lenient for PhoneNumber {
    fn read(value: Value) -> Option<Self> {
        Self::from_digits(String::read(value)?.trim_start_matches('+')).ok()
    }
}

impl<T: Lenient> Lenient for Box<T> {
    fn read(value: Value) -> Option<Self> {
        T::read(value).map(Self::new)
    }
}

/// Structs of which every field may be missing or odd. An object of which nothing can be read counts as absent.
macro_rules! details {
    ($($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $kind:ty,)* })*) => { $(
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(default)]
        #[non_exhaustive]
        pub struct $name {
            $(
                $(#[$field_meta])*
                #[serde(
                    deserialize_with = "crate::account_change::lenient::field",
                    skip_serializing_if = "crate::account_change::lenient::is_absent"
                )]
                pub $field: $kind,
            )*
        }

        impl crate::account_change::lenient::Lenient for $name {
            fn read(value: serde_json::Value) -> Option<Self> {
                // Derived readers take lists as objects without names.
                let object = Some(value).filter(serde_json::Value::is_object)?;
                serde_json::from_value(object).ok().filter(|details| *details != Self::default())
            }
        }
    )* };
}
pub(super) use details;
