use super::{BusinessId, KeyId};

/// What a caller may do. Each handler names exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Permission {
    /// See messages, conversations and events.
    Read,
    /// Send messages and mark as read.
    Send,
    /// Change settings and lines of the business.
    Configure,
}

impl Permission {
    /// Every permission, in the order `--scope` lists them.
    pub const ALL: [Self; 3] = [Self::Read, Self::Send, Self::Configure];

    /// Its name as a scope of an API key.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Send => "send",
            Self::Configure => "configure",
        }
    }

    /// The permission with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|permission| permission.as_str() == name)
    }
}

/// Who calls, told by an API key (later also by a session). The business comes from here and from nowhere else.
#[derive(Clone, Debug)]
pub struct Principal {
    /// The business the caller belongs to.
    pub business: BusinessId,
    /// The key.
    pub key: KeyId,
    /// What the caller may do.
    pub permissions: Vec<Permission>,
}

impl Principal {
    /// Whether the caller may do this.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        self.permissions.contains(&permission)
    }
}
