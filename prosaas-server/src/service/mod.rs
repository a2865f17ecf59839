//! What the product does, between the interface and the engine.
mod connection;
mod gateway;

pub use self::{
    connection::{Connection, Connections},
    gateway::{Addressee, Gateway, GatewayError, SendRequest, Sent},
};
