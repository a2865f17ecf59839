//! Forms: `key=value` joined by `&`, percent-encoded, a blank as `+`.
//!
//! A form is gone through once, and only what is asked for is decoded: a webhook is read three times (whose it is,
//! whether it is signed, what it says), and each wants other fields. The result is that of `form_urlencoded`, which
//! decodes everything.
use std::borrow::Cow;

/// Key and value of a field, in the order of the form. Keys may repeat.
pub(crate) fn fields(form: &[u8]) -> impl Iterator<Item = (Text<'_>, Text<'_>)> {
    let mut rest = form;
    std::iter::from_fn(move || {
        while !rest.is_empty() {
            let (field, after) = first(rest);
            rest = after;
            if field.is_some() {
                return field;
            }
        }
        None
    })
}

/// The first field, unless it is empty, and what follows it.
fn first(form: &[u8]) -> (Option<(Text<'_>, Text<'_>)>, &[u8]) {
    let (key, rest) = text(form, |byte| matches!(byte, b'=' | b'&'));
    let (value, rest) = match rest {
        [b'=', rest @ ..] => text(rest, |byte| byte == b'&'),
        _ => (Text::default(), rest),
    };
    let is_empty = matches!(form, [] | [b'&', ..]);
    ((!is_empty).then_some((key, value)), rest.get(1..).unwrap_or_default())
}

/// The text before the first byte that ends it, and the rest from there on.
fn text(bytes: &[u8], is_end: impl Fn(u8) -> bool) -> (Text<'_>, &[u8]) {
    let plain = bytes.iter().position(|byte| is_escape(*byte) || is_end(*byte)).unwrap_or(bytes.len());
    let escaped =
        bytes.get(plain..).filter(|rest| rest.first().is_some_and(|byte| is_escape(*byte))).unwrap_or_default();
    let (raw, rest) = bytes.split_at(plain + escaped.iter().position(|byte| is_end(*byte)).unwrap_or(escaped.len()));
    (Text { raw, plain }, rest)
}

const fn is_escape(byte: u8) -> bool {
    matches!(byte, b'%' | b'+')
}

/// The value of `key` if it is there exactly once: of two, each reader could take another one.
pub(crate) fn sole<'f>(form: &'f [u8], key: &str) -> Option<Cow<'f, str>> {
    let mut values = fields(form).filter(|(known, _)| *known.bytes() == *key.as_bytes());
    let (_, value) = values.next()?;
    values.next().is_none().then(|| value.decode())
}

/// A key or a value as it was sent.
#[derive(Clone, Copy, Default)]
pub(crate) struct Text<'f> {
    raw: &'f [u8],
    /// How many bytes at the beginning stand for themselves.
    plain: usize,
}

impl<'f> Text<'f> {
    /// The bytes as they were sent.
    pub(crate) const fn raw(self) -> &'f [u8] {
        self.raw
    }

    /// The bytes that it stands for.
    pub(crate) fn bytes(self) -> Cow<'f, [u8]> {
        if self.plain == self.raw.len() { self.raw.into() } else { self.unescaped().into() }
    }

    /// The text that it stands for; U+FFFD where it is not UTF-8.
    pub(crate) fn decode(self) -> Cow<'f, str> {
        // The lossy reading of the standard library goes byte by byte, the strict one does not.
        match self.bytes() {
            Cow::Borrowed(bytes) => {
                std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::from)
            }
            Cow::Owned(bytes) => String::from_utf8(bytes)
                .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
                .into(),
        }
    }

    /// Whether it says nothing: it is empty, or U+0000 throughout.
    pub(crate) fn is_blank(self) -> bool {
        let mut rest = self.raw;
        loop {
            rest = match rest {
                [] => return true,
                [0, after @ ..] | [b'%', b'0', b'0', after @ ..] => after,
                _ => return false,
            };
        }
    }

    /// Whether `word`, which no sender escapes, stands in it.
    pub(crate) fn mentions(self, word: &str) -> bool {
        let word = word.as_bytes();
        // A letter that is nowhere is soon found to be so; a word takes long.
        word.iter().all(|letter| self.raw.contains(letter)) && self.raw.windows(word.len()).any(|part| part == word)
    }

    fn unescaped(self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.raw.len());
        let (mut plain, mut rest) = self.raw.split_at(self.plain);
        loop {
            bytes.extend_from_slice(plain);
            let (byte, after) = match rest {
                [] => return bytes,
                [b'%', high, low, after @ ..] if digit(*high) < 16 && digit(*low) < 16 => {
                    (digit(*high) << 4 | digit(*low), after)
                }
                [b'+', after @ ..] => (b' ', after),
                [byte, after @ ..] => (*byte, after),
            };
            bytes.push(byte);
            (plain, rest) = after.split_at(after.iter().position(|byte| is_escape(*byte)).unwrap_or(after.len()));
        }
    }
}

/// What a hexadecimal digit is worth; 16 for anything else.
const fn digit(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => byte - b'0',
        b'a'..=b'f' => byte - b'a' + 10,
        b'A'..=b'F' => byte - b'A' + 10,
        _ => 16,
    }
}

/// All fields of a form, decoded.
#[cfg(feature = "fake")]
pub(crate) struct Form<'f>(Vec<(Cow<'f, str>, Cow<'f, str>)>);

#[cfg(feature = "fake")]
impl<'f> Form<'f> {
    pub(crate) fn parse(bytes: &'f [u8]) -> Self {
        Self(fields(bytes).map(|(key, value)| (key.decode(), value.decode())).collect())
    }

    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (&**key, &**value))
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.pairs().any(|(known, _)| known == key)
    }

    /// The value of `key` if it is there exactly once.
    pub(crate) fn sole(&self, key: &str) -> Option<&str> {
        let mut values = self.pairs().filter(|(known, _)| *known == key).map(|(_, value)| value);
        values.next().filter(|_| values.next().is_none())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn decodes_as_form_urlencoded_does(
            form in proptest::collection::vec(
                prop_oneof![Just(b'&'), Just(b'='), Just(b'%'), Just(b'+'), Just(b'0'), Just(b'D'), Just(b'7'), any::<u8>()],
                0..80,
            ),
        ) {
            let ours: Vec<_> = fields(&form).map(|(key, value)| (key.decode(), value.decode())).collect();
            let theirs: Vec<_> = form_urlencoded::parse(&form).collect();
            prop_assert_eq!(&ours, &theirs);
            for (key, _) in &theirs {
                let mut all = theirs.iter().filter(|(known, _)| known == key);
                let first = all.next().map(|(_, value)| value.clone());
                // A key that is not UTF-8 is found by its bytes only.
                if !key.contains('\u{fffd}') {
                    prop_assert_eq!(sole(&form, key), first.filter(|_| all.next().is_none()));
                }
            }
        }

        #[test]
        fn blank_is_what_holds_nothing_but_nul(form in "(%00|%0|0|\u{0}){0,4}") {
            let text = fields(form.as_bytes()).next().map(|(key, _)| key).unwrap_or_default();
            prop_assert_eq!(text.is_blank(), text.decode().replace('\0', "").is_empty());
        }
    }
}
