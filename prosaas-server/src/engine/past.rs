//! Chats from before a line was connected.
use std::collections::HashSet;

use bytes::Bytes;
use whatsapp_core::{Envelope, Event, History};

/// Makes one event of all past messages of a line in one webhook. Nothing shows them yet, so a job for each of ten
/// thousand would keep everybody waiting for nothing; the webhook's sealed `body` holds them until something does.
#[must_use]
pub(crate) fn fold(events: Vec<Envelope>, body: &Bytes) -> Vec<Envelope> {
    let mut lines = HashSet::new();
    let folded = events.into_iter().filter_map(|envelope| {
        let Event::History(History::Message(message)) = &envelope.event else { return Some(envelope) };
        let part = Event::History(History::Part(message.part));
        lines
            .insert(envelope.line.clone())
            .then(|| Envelope::new(envelope.provider.clone(), envelope.line.clone(), part, body.clone()))
    });
    folded.collect()
}
