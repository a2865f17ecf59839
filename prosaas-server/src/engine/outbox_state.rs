/// State of an outbox row; not the state that a contact or agent sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OutboxState {
    /// Waits for its turn.
    Queued,
    /// Committed before the provider is called. Found after a crash, it means: perhaps sent.
    Sending,
    /// Surely not sent; waits to be tried again.
    Throttled,
    /// The provider refuses the line's credentials; waits for somebody to renew them.
    Suspended,
    /// Perhaps sent; waits for proof by webhook.
    Unknown,
    /// The provider took it.
    Sent,
    /// Given up.
    Failed,
    /// Waited too long.
    Expired,
    /// Taken back before it was sent.
    Cancelled,
}

impl OutboxState {
    /// Rows that still block their lane.
    pub(crate) const OPEN: [Self; 5] = [Self::Queued, Self::Sending, Self::Throttled, Self::Suspended, Self::Unknown];

    /// As the table spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Throttled => "throttled",
            Self::Suspended => "suspended",
            Self::Unknown => "unknown",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
        }
    }

    /// The open state that the table spells so.
    pub(crate) fn open_from(name: &str) -> Option<Self> {
        Self::OPEN.into_iter().find(|state| state.as_str() == name)
    }

    /// Names of the open states, to filter by.
    pub(crate) fn open_names() -> [&'static str; 5] {
        Self::OPEN.map(Self::as_str)
    }
}
