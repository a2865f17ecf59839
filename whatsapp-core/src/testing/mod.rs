//! For those who write or test a provider: the conformance suite, and the stage that fakes stand on.
//!
//! Not covered by semver.
mod courier;
mod extra;
mod fake;
mod fault;
mod harness;
mod stage;
pub mod suite;

pub use self::{
    courier::{Courier, Redelivery, SignedRequest},
    extra::extra_fixtures,
    fake::Fake,
    fault::{Fault, FaultQueue},
    harness::{Accepted, Harness, Inbound, Key},
    stage::{Hangup, Stage},
};
