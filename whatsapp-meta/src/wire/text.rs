//! Texts as they were meant: their escapes replaced.
use super::scan::after_plain;

/// Replaces the escapes of `text`, whose syntax was checked; `None` if half of a surrogate pair stands alone, which
/// means no letter.
// Apart, so that reading a text without escapes stays small enough to be inlined.
#[inline(never)]
pub(super) fn decode(text: &str) -> Option<String> {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text.as_bytes();
    loop {
        let (letter, after) = match rest {
            [] => return Some(decoded),
            [b'\\', b'u', a, b, c, d, after @ ..] => match (unit([*a, *b, *c, *d]), after) {
                (high @ 0xD800..0xDC00, [b'\\', b'u', a, b, c, d, after @ ..]) => {
                    let low = unit([*a, *b, *c, *d]).checked_sub(0xDC00).filter(|low| *low < 0x400)?;
                    (0x1_0000 + ((high - 0xD800) << 10) + low, after)
                }
                (letter, after) => (letter, after),
            },
            [b'\\', escaped, after @ ..] => (meant(*escaped), after),
            plain => {
                let after = after_plain(plain);
                decoded.push_str(text.get(text.len() - plain.len()..text.len() - after.len())?);
                rest = after;
                continue;
            }
        };
        decoded.push(char::from_u32(letter)?);
        rest = after;
    }
}

/// The letter of an escape other than `\u`.
fn meant(escaped: u8) -> u32 {
    u32::from(match escaped {
        b'b' => 8,
        b'f' => 12,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        itself => itself,
    })
}

/// The UTF-16 unit of four hexadecimal digits.
const fn unit(digits: [u8; 4]) -> u32 {
    let digits = u32::from_be_bytes(digits);
    // The low half of a digit's byte is its value, of a letter's that less nine; only letters have the bit of 64.
    let values = (digits & 0x0F0F_0F0F) + 9 * (digits >> 6 & 0x0101_0101);
    let pairs = (values | values >> 4) & 0x00FF_00FF;
    (pairs | pairs >> 8) & 0xFFFF
}
