//! Wrappers that are themselves a [`Sender`].
//!
//! They read left to right, the outermost last, and this is the order that works:
//! `sender.degrading().throttling(policy).retrying(policy)`. Degrading goes first, next to the sender whose
//! shortcomings it makes good; throttling around it, so that what is said in words also waits its turn; retrying
//! outermost, so that every further try waits its turn too. With throttling outside of retrying, the tries would run
//! past the limit that they were refused for.
//!
//! What cannot be sent at all is refused before any wait, by [`Sender::check`]: throttling asks it of the whole stack
//! beneath, so what only its words make too long takes nobody's turn. The time that retrying waits for an answer comes
//! on top of the longest wait for a turn, [`Sender::max_wait`]: a message that still waits is never taken for one that
//! may have been sent.
mod degrade;
mod retry;
mod throttle;

pub use self::{
    degrade::{Degraded, answer, question},
    retry::{RetryPolicy, Retrying},
    throttle::{ThrottlePolicy, Throttled},
};
use crate::Sender;

/// Puts layers around any sender.
///
/// ```
/// use whatsapp_core::{Memory, Secret, layer::{Layered, RetryPolicy, ThrottlePolicy}};
/// let sender = Memory::new("shop", Secret::from("s"))
///     .degrading()
///     .throttling(ThrottlePolicy::default())
///     .retrying(RetryPolicy::default().with_attempts(5));
/// # let _ = sender;
/// ```
pub trait Layered: Sender + Sized {
    /// Says in words what the sender cannot show.
    fn degrading(self) -> Degraded<Self> {
        Degraded::new(self)
    }

    /// Keeps to the provider's rates.
    fn throttling(self, policy: ThrottlePolicy) -> Throttled<Self> {
        Throttled::new(self, policy)
    }

    /// Tries again what was surely not sent.
    fn retrying(self, policy: RetryPolicy) -> Retrying<Self> {
        Retrying::new(self, policy)
    }
}

impl<S: Sender> Layered for S {}
