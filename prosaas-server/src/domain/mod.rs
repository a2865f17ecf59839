//! Pure types and rules: no database, no HTTP.
mod id;
mod phone;
mod principal;

pub use self::{
    id::{BusinessId, ContactId, ConversationId, InvalidId, KeyId, LineRef, MessageRef},
    phone::read_phone,
    principal::{Permission, Principal},
};
