//! JSON, read once into a flat list of its values. Whatever is asked of a value later costs no second reading, and
//! nothing is decoded that nobody asks for: a text that cannot be decoded, or a number that is none, is lost alone.
use std::{borrow::Cow, str::FromStr};

use super::{
    scan::{self, Kind, Node, Refused},
    text,
};

/// A JSON text and its values.
pub(crate) struct Document<'a> {
    text: &'a str,
    nodes: Vec<Node>,
}

impl<'a> Document<'a> {
    /// Reads `text`.
    ///
    /// # Errors
    /// [`Refused`] if it is not JSON or exceeds a limit.
    pub(crate) fn read(text: &'a str) -> Result<Self, Refused> {
        Ok(Self { text, nodes: scan::scan(text)? })
    }

    /// The value that all others are in.
    pub(crate) fn root(&self) -> Json<'_> {
        Json { text: self.text, nodes: &self.nodes }
    }
}

/// A value of a [`Document`], or none. A key that is missing and a `null` are the same here.
#[derive(Clone, Copy, Default)]
pub(crate) struct Json<'a> {
    /// The whole document's.
    text: &'a str,
    /// The value's own, and those of all that is in it.
    nodes: &'a [Node],
}

impl<'a> Json<'a> {
    fn kind(self) -> Kind {
        self.nodes.first().map_or(Kind::Null, |node| node.kind)
    }

    /// The value as it was written; empty if there is none.
    pub(crate) fn raw(self) -> &'a str {
        self.cut(0)
    }

    /// The value as it was written, without `margin` bytes at either end.
    fn cut(self, margin: usize) -> &'a str {
        let node = self.nodes.first();
        let cut = node.and_then(|node| self.text.get(node.start as usize + margin..node.end as usize - margin));
        cut.unwrap_or_default()
    }

    /// Whether a key had it, be it `null`.
    pub(crate) const fn is_written(self) -> bool {
        !self.nodes.is_empty()
    }

    /// Whether there is nothing.
    pub(crate) fn is_null(self) -> bool {
        self.kind() == Kind::Null
    }

    /// Whether there is anything but nothing or an empty text, readable or not.
    pub(crate) fn is_given(self) -> bool {
        !self.is_null() && self.raw() != "\"\""
    }

    /// A text that stands as it is, be it empty.
    #[inline]
    pub(crate) fn plain(self) -> Option<&'a str> {
        (self.kind() == Kind::Plain).then(|| self.cut(1))
    }

    /// A text, be it empty.
    pub(crate) fn str(self) -> Option<Cow<'a, str>> {
        match self.kind() {
            Kind::Plain => Some(Cow::Borrowed(self.cut(1))),
            Kind::Escaped => text::decode(self.cut(1)).map(Cow::Owned),
            _ => None,
        }
    }

    /// A text or number, whichever of the two is written, as text; `None` for an empty one.
    pub(crate) fn text(self) -> Option<Cow<'a, str>> {
        let text = if self.kind() == Kind::Number { Some(Cow::Borrowed(self.raw())) } else { self.str() };
        text.filter(|text| !text.is_empty())
    }

    /// As [`text`](Self::text), owned.
    pub(crate) fn string(self) -> Option<String> {
        self.text().map(Cow::into_owned)
    }

    /// A text or number, as number.
    pub(crate) fn number<T: FromStr>(self) -> Option<T> {
        self.text()?.parse().ok()
    }

    /// A yes or no, bare or as text.
    pub(crate) fn boolean(self) -> Option<bool> {
        match (self.kind(), self.raw()) {
            (Kind::True, _) | (_, "\"true\"") => Some(true),
            (Kind::False, _) | (_, "\"false\"") => Some(false),
            _ => None,
        }
    }

    /// Whether it is a yes, bare or as text.
    pub(crate) fn is_true(self) -> bool {
        self.boolean() == Some(true)
    }

    /// Whether it is something in the place of a list.
    pub(crate) fn is_no_list(self) -> bool {
        !matches!(self.kind(), Kind::Null | Kind::List)
    }

    /// The values of a list; none if it is no list.
    pub(crate) fn items(self) -> Values<'a> {
        self.values(Kind::List)
    }

    /// The names and values of an object; `None` if it is no object.
    pub(crate) fn entries(self) -> Option<impl Iterator<Item = (Self, Self)>> {
        let mut values = self.values(Kind::Object);
        (self.kind() == Kind::Object).then(|| std::iter::from_fn(move || Some((values.next()?, values.next()?))))
    }

    /// The object's value of `name`; none if it is no object, has no such name or has it twice.
    pub(crate) fn get(self, name: &str) -> Self {
        let mut found = Self::default();
        for (key, value) in self.entries().into_iter().flatten() {
            if key.plain().map_or_else(|| key.str().as_deref() == Some(name), |key| key == name) {
                if found.is_written() {
                    return Self::default();
                }
                found = value;
            }
        }
        found
    }

    fn values(self, kind: Kind) -> Values<'a> {
        let nodes = if self.kind() == kind { self.nodes.get(1..).unwrap_or_default() } else { &[] };
        Values(Self { text: self.text, nodes })
    }
}

/// Values that stand one after the other.
pub(crate) struct Values<'a>(Json<'a>);

impl<'a> Iterator for Values<'a> {
    type Item = Json<'a>;

    fn next(&mut self) -> Option<Json<'a>> {
        let Json { text, nodes } = self.0;
        let (value, rest) = nodes.split_at_checked(nodes.first()?.nodes as usize)?;
        self.0.nodes = rest;
        Some(Json { text, nodes: value })
    }
}
