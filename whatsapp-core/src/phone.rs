//! Phone numbers in E.164.
use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A phone number in E.164: `+` and 7 to 15 digits, no leading zero.
///
/// Only the shape is checked. Numbering plans change faster than any table, and a number that a table calls
/// unassigned may be somebody's phone. `Debug` masks all but the last four digits.
///
/// ```
/// use whatsapp_core::PhoneNumber;
/// let phone: PhoneNumber = "+972501234567".parse().unwrap();
/// assert_eq!(phone.digits(), "972501234567");
/// assert_eq!(format!("{phone:?}"), "PhoneNumber(…4567)");
/// assert!("0501234567".parse::<PhoneNumber>().is_err());
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PhoneNumber(Box<str>);

/// The text is not a phone number in E.164.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an E.164 phone number (+ and 7 to 15 digits, as in +972501234567): {reason}")]
pub struct InvalidPhoneNumber {
    reason: &'static str,
}

impl PhoneNumber {
    /// The number without `+`, which is how WhatsApp spells a `wa_id`.
    #[must_use]
    pub fn digits(&self) -> &str {
        self.0.get(1..).unwrap_or_default()
    }

    /// The number with `+`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reads a `wa_id`: the digits of a number without `+`.
    ///
    /// # Errors
    /// [`InvalidPhoneNumber`] if the digits are not 7 to 15 or begin with zero.
    pub fn from_digits(digits: &str) -> Result<Self, InvalidPhoneNumber> {
        let reason = if !(7..=15).contains(&digits.len()) {
            "7 to 15 digits expected"
        } else if digits.starts_with('0') {
            "a country code does not begin with 0"
        } else if !digits.bytes().all(|b| b.is_ascii_digit()) {
            "digits only"
        } else {
            return Ok(Self(["+", digits].concat().into()));
        };
        Err(InvalidPhoneNumber { reason })
    }
}

impl FromStr for PhoneNumber {
    type Err = InvalidPhoneNumber;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.strip_prefix('+').ok_or(InvalidPhoneNumber { reason: "missing `+`" })?;
        Self::from_digits(digits)
    }
}

impl TryFrom<String> for PhoneNumber {
    type Error = InvalidPhoneNumber;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<PhoneNumber> for String {
    fn from(phone: PhoneNumber) -> Self {
        phone.0.into()
    }
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PhoneNumber(…{})", self.0.get(self.0.len() - 4..).unwrap_or_default())
    }
}
