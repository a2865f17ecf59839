//! The server from outside: the real binary, real HTTP, fake providers, SQLite and Postgres.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "test code"
)]
#![expect(unreachable_pub, reason = "one binary, many modules")]

mod access;
mod bad_input;
mod behaviour;
mod crash;
mod isolation;
mod lookup;
mod nodes;
mod proxy;
mod support;
mod sweep;
mod tour;
