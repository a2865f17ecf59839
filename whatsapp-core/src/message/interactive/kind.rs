use serde::{Deserialize, Serialize, Serializer};

/// Name of an [`Action`](crate::Action).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum InteractiveKind {
    /// [`Action::Buttons`](crate::Action::Buttons).
    Buttons,
    /// [`Action::List`](crate::Action::List).
    List,
    /// [`Action::Url`](crate::Action::Url).
    Url,
    /// [`Action::Flow`](crate::Action::Flow).
    Flow,
    /// [`Action::Product`](crate::Action::Product).
    Product,
    /// [`Action::Products`](crate::Action::Products).
    Products,
    /// [`Action::Catalog`](crate::Action::Catalog).
    Catalog,
    /// [`Action::Carousel`](crate::Action::Carousel).
    Carousel,
    /// [`Action::Address`](crate::Action::Address).
    Address,
    /// [`Action::CallPermission`](crate::Action::CallPermission).
    CallPermission,
    /// [`Action::Call`](crate::Action::Call).
    Call,
    /// [`Action::ContactRequest`](crate::Action::ContactRequest).
    ContactRequest,
    /// [`Action::LocationRequest`](crate::Action::LocationRequest).
    LocationRequest,
}

impl InteractiveKind {
    /// Every kind.
    pub const ALL: [Self; 13] = [
        Self::Buttons,
        Self::List,
        Self::Url,
        Self::Flow,
        Self::Product,
        Self::Products,
        Self::Catalog,
        Self::Carousel,
        Self::Address,
        Self::CallPermission,
        Self::Call,
        Self::ContactRequest,
        Self::LocationRequest,
    ];

    /// Stable name, as JSON spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Buttons => "buttons",
            Self::List => "list",
            Self::Url => "url",
            Self::Flow => "flow",
            Self::Product => "product",
            Self::Products => "products",
            Self::Catalog => "catalog",
            Self::Carousel => "carousel",
            Self::Address => "address",
            Self::CallPermission => "call_permission",
            Self::Call => "call",
            Self::ContactRequest => "contact_request",
            Self::LocationRequest => "location_request",
        }
    }
}

/// A set of kinds; JSON writes it as a list.
///
/// ```
/// use whatsapp_core::{InteractiveKind, InteractiveKinds};
/// const TAPS: InteractiveKinds = InteractiveKinds::of(&[InteractiveKind::Buttons, InteractiveKind::List]);
/// assert!(TAPS.contains(InteractiveKind::List) && !TAPS.contains(InteractiveKind::Flow));
/// assert_eq!(serde_json::to_string(&TAPS).unwrap(), r#"["buttons","list"]"#);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct InteractiveKinds(u32);

impl InteractiveKinds {
    /// Every kind.
    pub const ALL: Self = Self::of(&InteractiveKind::ALL);

    /// These kinds.
    #[must_use]
    pub const fn of(kinds: &[InteractiveKind]) -> Self {
        let (mut set, mut rest) = (0, kinds);
        while let Some((first, others)) = rest.split_first() {
            set |= 1 << *first as u32;
            rest = others;
        }
        Self(set)
    }

    /// Whether `kind` is one of them.
    #[must_use]
    pub const fn contains(self, kind: InteractiveKind) -> bool {
        self.0 & (1 << kind as u32) != 0
    }

    /// These and `others`.
    #[must_use]
    pub const fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// Each of them.
    pub fn iter(self) -> impl Iterator<Item = InteractiveKind> {
        InteractiveKind::ALL.into_iter().filter(move |kind| self.contains(*kind))
    }
}

impl Serialize for InteractiveKinds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}
