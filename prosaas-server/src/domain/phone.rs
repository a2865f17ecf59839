use phonenumber::{Mode, country::Id};
use whatsapp_core::PhoneNumber;

/// Reads a number as a person writes it: `050-123-4567`, `+972 50 123 4567`, `972501234567`.
///
/// A number without a country is Israeli. Only the shape is checked: number plans change faster than tables, and
/// one of them calls the most used Israeli test number unassigned.
#[must_use]
pub fn read_phone(text: &str) -> Option<PhoneNumber> {
    let text = text.trim();
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    if !text.starts_with(['+', '0']) {
        return PhoneNumber::from_digits(&digits).ok().filter(|_| written_as_number(text));
    }
    let parsed = phonenumber::parse(Some(Id::IL), text).ok().filter(|_| written_as_number(text))?;
    parsed.format().mode(Mode::E164).to_string().parse().ok()
}

fn written_as_number(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | ' ' | '(' | ')' | '.' | '\u{200e}' | '\u{200f}'))
}

#[cfg(test)]
mod tests {
    use super::read_phone;

    #[test]
    fn reads_what_people_write() {
        let expected = Some("+972501234567".to_owned());
        for text in ["+972501234567", "050-123-4567", "0501234567", "+972 (50) 123-4567", "972501234567"] {
            assert_eq!(read_phone(text).map(String::from), expected, "{text}");
        }
        for text in ["", "abc", "*6500", "+", "12", "050-CALL-NOW", "whatsapp:+972501234567"] {
            assert_eq!(read_phone(text), None, "{text}");
        }
    }
}
