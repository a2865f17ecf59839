//! Wrappers that are themselves a [`Sender`]. They read left to right, the outermost last.
mod retry;

pub use self::retry::{RetryPolicy, Retrying};
use crate::Sender;

/// Puts layers around any sender.
///
/// ```
/// use std::time::Duration;
/// use whatsapp_core::{Memory, Secret, layer::{Layered, RetryPolicy}};
/// let sender = Memory::new("shop", Secret::from("s")).retrying(RetryPolicy::default().with_attempts(5));
/// # let _ = sender;
/// ```
pub trait Layered: Sender + Sized {
    /// Tries again what was surely not sent.
    fn retrying(self, policy: RetryPolicy) -> Retrying<Self> {
        Retrying::new(self, policy)
    }
}

impl<S: Sender> Layered for S {}
