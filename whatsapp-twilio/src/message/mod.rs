//! The Messages resource: what becomes of a message, beside sending it. Source: Twilio, Messages resource.
mod options;
mod query;
mod record;
mod store;

pub(crate) use self::store::raw_page;
pub use self::{
    options::SendOptions,
    query::MessageQuery,
    record::{Direction, MediaRecord, MessagePage, MessageRecord},
};
