use serde::{Serialize, Serializer};
use serde_json::Value;

use super::lenient::Lenient;

/// To how many people a business may write first within 24 hours.
///
/// Meta writes it as a number (`2000`, and -1 for no limit) or as the name of a step (`TIER_2K`, `TIER_UNLIMITED`).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MessagingLimit {
    /// So many.
    People(u64),
    /// Any number.
    Unlimited,
    /// A step that this version does not know, in Meta's word.
    Other(String),
}

impl Lenient for MessagingLimit {
    fn read(value: Value) -> Option<Self> {
        let text = String::read(value)?;
        let step = text.strip_prefix("TIER_").unwrap_or(&text);
        if matches!(step, "UNLIMITED" | "-1") {
            return Some(Self::Unlimited);
        }
        let (digits, unit) = step.strip_suffix('K').map_or((step, 1), |thousands| (thousands, 1_000));
        let people = digits.parse::<u64>().ok().and_then(|number| number.checked_mul(unit));
        Some(people.map_or(Self::Other(text), Self::People))
    }
}

/// In Meta's words.
impl Serialize for MessagingLimit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::People(people) => serializer.serialize_u64(*people),
            Self::Unlimited => serializer.serialize_str("TIER_UNLIMITED"),
            Self::Other(word) => serializer.serialize_str(word),
        }
    }
}
