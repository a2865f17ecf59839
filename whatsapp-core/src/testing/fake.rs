use std::fmt;

use super::{Accepted, Courier, FaultQueue, Inbound, Key, SignedRequest};
use crate::{LineId, Status};

/// A stateful stand-in of one provider on loopback: takes sends, issues ids, and delivers signed webhooks again
/// and again until they are answered with 2xx, as the real one does.
pub trait Fake: fmt::Debug + Send + Sync + 'static {
    /// Its origin, for the `base_url` of a line's settings.
    fn url(&self) -> String;

    /// What it does wrong next.
    fn faults(&self) -> &FaultQueue;

    /// Its webhooks under way.
    fn courier(&self) -> &Courier;

    /// Messages it took, oldest first.
    fn accepted(&self) -> Vec<Accepted>;

    /// Requests for sending that it saw, refused ones included.
    fn requests(&self) -> usize;

    /// The statuses that follow each accepted message by webhook from now on, in this order.
    fn follow_with(&self, statuses: Vec<Status>);

    /// Webhooks of `line` that carry `items`, signed with `key`: one where the provider batches, else one per
    /// item. A status carries whatever the provider echoes of the message with that id.
    fn webhooks(&self, line: &LineId, items: &[Inbound], key: Key) -> Vec<SignedRequest>;

    /// Delivers `items` as the provider would, in the background.
    fn deliver(&self, line: &LineId, items: &[Inbound]) {
        for request in self.webhooks(line, items, Key::Current) {
            self.courier().deliver(request);
        }
    }
}
