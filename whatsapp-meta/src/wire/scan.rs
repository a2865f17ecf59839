//! The syntax of JSON (RFC 8259), checked in one pass. Texts and numbers are only found here, not decoded.
use whatsapp_core::limits::{self, Limit};

/// Why a text cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// It is not JSON.
    Syntax,
    /// It is larger than anybody writes.
    Limit(Limit),
}

/// What kind of value stands somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Null,
    True,
    False,
    Number,
    /// Text that stands as it is.
    Plain,
    /// Text with escapes.
    Escaped,
    List,
    Object,
}

/// A value: the range of its bytes, and how many values there are from it to its end, itself and names included.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    pub(super) kind: Kind,
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) nodes: u32,
}

/// All values of `text`, in the order in which they begin; an object's are name, value, name, value.
pub(super) fn scan(text: &str) -> Result<Vec<Node>, Refused> {
    if u32::try_from(text.len()).is_err() {
        return Err(Refused::Limit(Limit::String));
    }
    // A webhook has a value or name in 10 to 20 bytes, the fewer of them the longer its texts.
    let nodes = Vec::with_capacity(16 + text.len() / 16);
    let mut scanner = Scanner { rest: text.as_bytes(), length: text.len(), nodes };
    scanner.space();
    scanner.value(0)?;
    scanner.space();
    if scanner.rest.is_empty() { Ok(scanner.nodes) } else { Err(Refused::Syntax) }
}

struct Scanner<'a> {
    rest: &'a [u8],
    length: usize,
    nodes: Vec<Node>,
}

impl Scanner<'_> {
    const fn at(&self) -> usize {
        self.length - self.rest.len()
    }

    /// Steps over `byte` if it is next.
    fn take(&mut self, byte: u8) -> bool {
        match self.rest {
            [first, rest @ ..] if *first == byte => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    fn expect(&mut self, byte: u8) -> Result<(), Refused> {
        if self.take(byte) { Ok(()) } else { Err(Refused::Syntax) }
    }

    fn space(&mut self) {
        while let [b' ' | b'\n' | b'\r' | b'\t', rest @ ..] = self.rest {
            self.rest = rest;
        }
    }

    /// Steps over a value within `depth` lists and objects.
    fn value(&mut self, depth: usize) -> Result<(), Refused> {
        match self.rest.first() {
            Some(b'"') => self.string(),
            Some(b'{') => self.container(Kind::Object, depth, b'}'),
            Some(b'[') => self.container(Kind::List, depth, b']'),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word(Kind::True, b"true"),
            Some(b'f') => self.word(Kind::False, b"false"),
            Some(b'n') => self.word(Kind::Null, b"null"),
            _ => Err(Refused::Syntax),
        }
    }

    /// Steps over a list or object.
    fn container(&mut self, kind: Kind, depth: usize, close: u8) -> Result<(), Refused> {
        if depth == limits::DEPTH {
            return Err(Refused::Limit(Limit::Depth));
        }
        let (start, first) = (self.at(), self.nodes.len());
        self.found(kind, start);
        self.rest = self.rest.get(1..).unwrap_or_default();
        self.space();
        if !self.take(close) {
            loop {
                if kind == Kind::Object {
                    self.string()?;
                    self.space();
                    self.expect(b':')?;
                    self.space();
                }
                self.value(depth + 1)?;
                self.space();
                if !self.take(b',') {
                    break;
                }
                self.space();
            }
            self.expect(close)?;
        }
        let (end, nodes) = (offset(self.at()), offset(self.nodes.len() - first));
        if let Some(node) = self.nodes.get_mut(first) {
            (node.end, node.nodes) = (end, nodes);
        }
        Ok(())
    }

    /// Steps over a text.
    fn string(&mut self) -> Result<(), Refused> {
        let start = self.at();
        self.expect(b'"')?;
        let mut kind = Kind::Plain;
        self.rest = loop {
            match after_plain(self.rest) {
                [b'"', after @ ..] => break after,
                escapes => self.rest = after_escapes(escapes).ok_or(Refused::Syntax)?,
            }
            kind = Kind::Escaped;
        };
        if self.at() - start - 2 > limits::STRING {
            return Err(Refused::Limit(Limit::String));
        }
        self.found(kind, start);
        Ok(())
    }

    fn number(&mut self) -> Result<(), Refused> {
        let start = self.at();
        self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            if !self.take(b'+') {
                self.take(b'-');
            }
            self.digits()?;
        }
        self.found(Kind::Number, start);
        Ok(())
    }

    /// Steps over one digit or more.
    fn digits(&mut self) -> Result<(), Refused> {
        let before = self.rest.len();
        while let [b'0'..=b'9', rest @ ..] = self.rest {
            self.rest = rest;
        }
        if self.rest.len() < before { Ok(()) } else { Err(Refused::Syntax) }
    }

    fn word(&mut self, kind: Kind, word: &[u8]) -> Result<(), Refused> {
        let start = self.at();
        self.rest = self.rest.strip_prefix(word).ok_or(Refused::Syntax)?;
        self.found(kind, start);
        Ok(())
    }

    /// Notes a value that began at `start` and ends here.
    fn found(&mut self, kind: Kind, start: usize) {
        self.nodes.push(Node { kind, start: offset(start), end: offset(self.at()), nodes: 1 });
    }
}

#[expect(clippy::cast_possible_truncation, reason = "no more than the text's length, which `scan` has checked")]
const fn offset(at: usize) -> u32 {
    at as u32
}

/// What follows the escapes that `text` begins with; `None` if it begins with none.
fn after_escapes(text: &[u8]) -> Option<&[u8]> {
    let mut rest = text;
    loop {
        rest = match rest {
            [b'\\', b'u', a, b, c, d, after @ ..] if hexadecimal([*a, *b, *c, *d]) => after,
            [b'\\', b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', after @ ..] => after,
            [b'\\', ..] => return None,
            other => return (other.len() < text.len()).then_some(other),
        }
    }
}

/// Whether all are digits of a hexadecimal number.
fn hexadecimal(digits: [u8; 4]) -> bool {
    #[expect(clippy::indexing_slicing, reason = "computed by the compiler, which would refuse")]
    const KNOWN: [bool; 256] = {
        let (mut known, mut rest) = ([false; 256], b"0123456789abcdefABCDEF".as_slice());
        while let [digit, after @ ..] = rest {
            known[*digit as usize] = true;
            rest = after;
        }
        known
    };
    digits.into_iter().fold(true, |all, digit| all & KNOWN.get(usize::from(digit)).copied().unwrap_or_default())
}

/// What follows the bytes that mean themselves: a quote, a backslash, a control character, or nothing.
pub(super) fn after_plain(mut rest: &[u8]) -> &[u8] {
    while let Some((word, after)) = rest.split_first_chunk::<8>() {
        let special = special(u64::from_le_bytes(*word));
        if special != 0 {
            return rest.get(special.trailing_zeros() as usize / 8..).unwrap_or_default();
        }
        rest = after;
    }
    let plain = rest.iter().take_while(|byte| !matches!(byte, b'"' | b'\\' | 0..0x20)).count();
    rest.get(plain..).unwrap_or_default()
}

/// Sets the highest bit of the first byte, counted from the lowest, that does not mean itself; what it says of the
/// bytes above that one may be wrong.
const fn special(word: u64) -> u64 {
    const ONES: u64 = u64::MAX / 0xFF;
    // A byte that is less than what is taken from it borrows, which sets its highest bit; so does none of ASCII else.
    let quote = (word ^ (ONES * b'"' as u64)).wrapping_sub(ONES);
    let backslash = (word ^ (ONES * b'\\' as u64)).wrapping_sub(ONES);
    let control = word.wrapping_sub(ONES * 0x20);
    (quote | backslash | control) & !word & (ONES * 0x80)
}
