//! One file per table. Only the store and the engine use them; handlers see what repositories return.

pub mod api_key;
pub mod business;
pub mod call_log;
pub mod conversation;
pub mod customer;
pub mod customer_alias;
pub mod event_log;
pub mod idempotency;
pub mod job;
pub mod lead;
pub mod line;
pub mod line_cursor;
pub mod line_lease;
pub mod line_sweep;
pub mod node;
pub mod orphan;
pub mod outbox;
pub mod raw_event;
pub mod seen_key;
pub mod user;
pub mod whatsapp_message;
