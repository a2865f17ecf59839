use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    body::Body,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};

use super::Hangup;
use crate::ErrorKind;

/// What a fake does wrong with the next request, or with the next webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Fault {
    /// Refuses with the provider's rate-limit code, with `Retry-After` in seconds if given.
    RateLimit {
        /// Seconds to wait.
        retry_after: Option<u64>,
    },
    /// Refuses with the provider's code for this kind of failure.
    Reject {
        /// The kind.
        kind: ErrorKind,
    },
    /// Answers 500 and takes nothing.
    ErrorBeforeAccept,
    /// Takes the message, then answers 500.
    ErrorAfterAccept,
    /// Takes nothing and never answers.
    HangBeforeAccept,
    /// Takes the message and never answers.
    HangAfterAccept,
    /// Takes the message and answers rightly, but late.
    SlowAnswer {
        /// Milliseconds until the answer.
        millis: u64,
    },
    /// Cuts the connection and takes nothing.
    DropBeforeAccept,
    /// Takes the message and cuts the connection.
    DropAfterAccept,
    /// Takes the message and answers 200 with something unreadable.
    Garbage,
    /// Answers 307 to another path of the same host and takes nothing.
    Redirect,
    /// Takes the message and answers with more than any client should read.
    HugeAnswer,
    /// Delivers the next webhook twice, both at once.
    DuplicateWebhook,
    /// Holds the next webhook until the one after it is delivered.
    ReorderWebhook,
}

impl Fault {
    const fn is_of_webhooks(self) -> bool {
        matches!(self, Self::DuplicateWebhook | Self::ReorderWebhook)
    }
}

/// Faults to come, oldest first. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct FaultQueue(Arc<Mutex<VecDeque<Fault>>>);

impl FaultQueue {
    /// Adds a fault.
    pub fn push(&self, fault: Fault) {
        self.lock().push_back(fault);
    }

    /// The fault for the request that is being served.
    #[must_use]
    pub fn next_of_requests(&self) -> Option<Fault> {
        self.next(|fault| !fault.is_of_webhooks())
    }

    /// The fault for the webhook that is being delivered.
    #[must_use]
    pub fn next_of_webhooks(&self) -> Option<Fault> {
        self.next(Fault::is_of_webhooks)
    }

    fn next(&self, wanted: impl Fn(Fault) -> bool) -> Option<Fault> {
        let mut queue = self.lock();
        let at = queue.iter().position(|fault| wanted(*fault))?;
        queue.remove(at)
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Fault>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Serves one request: `accept` takes the message and answers, `refuse` answers a
    /// [`Fault::RateLimit`] or [`Fault::Reject`] in the provider's words.
    pub async fn serve(
        &self,
        hangup: &Hangup,
        accept: impl FnOnce() -> Response,
        refuse: impl FnOnce(Fault) -> Response,
    ) -> Response {
        let Some(fault) = self.next_of_requests() else { return accept() };
        match fault {
            Fault::RateLimit { .. } | Fault::Reject { .. } => refuse(fault),
            Fault::ErrorBeforeAccept => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
            Fault::ErrorAfterAccept => {
                accept();
                (StatusCode::INTERNAL_SERVER_ERROR, "<html>oops</html>").into_response()
            }
            Fault::HangBeforeAccept => never().await,
            Fault::HangAfterAccept => {
                accept();
                never().await
            }
            Fault::SlowAnswer { millis } => {
                let answer = accept();
                tokio::time::sleep(Duration::from_millis(millis)).await;
                answer
            }
            Fault::DropBeforeAccept => hangup.now().await,
            Fault::DropAfterAccept => {
                accept();
                hangup.now().await
            }
            Fault::Garbage => {
                accept();
                (StatusCode::OK, "<html>not what you expect</html>").into_response()
            }
            Fault::Redirect => (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, "/stolen")]).into_response(),
            Fault::HugeAnswer => {
                accept();
                (StatusCode::OK, Body::from(vec![b'x'; 8 * 1024 * 1024])).into_response()
            }
            Fault::DuplicateWebhook | Fault::ReorderWebhook => accept(),
        }
    }
}

/// Longer than anybody waits.
async fn never() -> Response {
    tokio::time::sleep(Duration::from_secs(3600)).await;
    StatusCode::GATEWAY_TIMEOUT.into_response()
}
