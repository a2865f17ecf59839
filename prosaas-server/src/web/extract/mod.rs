//! What handlers receive: who calls, and well-formed input.
mod body;
mod caller;
mod input;

pub(crate) use self::input::Json;
pub(super) use self::{
    body::{RawRequest, read_body},
    caller::{Can, Configure, Peer, Read, Send},
    input::{JsonBytes, PathId, Query, read},
};
