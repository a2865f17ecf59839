//! Demo mode: the real server and the real provider crates, with fakes in place of the outside world.
//!
//! No mock stands in the product's path: the crates talk HTTP to fakes on loopback, and the fakes call the public
//! webhooks with real signatures.
mod api;
mod demo;
mod simulate;
mod world;

pub use self::{
    demo::{DemoArgs, demo},
    simulate::{SimulateCommand, simulate},
    world::{World, WorldLine},
};
