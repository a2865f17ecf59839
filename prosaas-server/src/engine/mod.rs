//! What makes nothing lost and nothing doubled: ingest, leases, lanes, outbox.
mod apply;
mod correction;
mod doorbell;
mod heads;
mod holder;
mod ingest;
mod lease;
mod line_book;
mod lookup;
mod outbox_state;
pub(crate) mod past;
mod plain;
mod reroute;
mod retry;
mod send;
mod settle;
mod status;
mod sweep;
mod waiters;

pub use self::{
    doorbell::Doorbell,
    ingest::{Ingest, IngestError, Post},
    lease::Leases,
    line_book::{Inherited, Line, LineBook, SecretPrint, secret_print},
    outbox_state::OutboxState,
    retry::Tuning,
    waiters::{Waiter, Waiters},
};
pub(crate) use self::{
    holder::run as run_holder,
    send::{Sending, run as run_sender},
    sweep::{Sweeper, run as run_sweeper},
};

/// Longest turn of a loop. A connection that hangs is given up; the transaction it was in is undone.
pub(crate) const TURN: std::time::Duration = std::time::Duration::from_secs(30);
