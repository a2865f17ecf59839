//! Contents: the templates that messages are made of at Twilio, their approval by WhatsApp, and their keeping. Source:
//! Twilio, Content API.
//!
//! A content has one language and one id, `HX…`. Two things are sent by it: an approved template, which may open a
//! conversation, and an interactive message within 24 hours of the contact's last one, which needs no approval.
mod action;
mod approval;
mod choice;
mod draft;
mod filled;
mod kind;
mod names;
mod record;
mod remembered;
mod session;
mod shape;
mod store;
mod walk;
mod wording;

pub use self::{
    action::ContentAction,
    approval::{Approval, ApprovalCategory, ApprovalRequest, ApprovalStatus},
    draft::ContentDraft,
    kind::ContentType,
    record::{ContentPage, ContentTemplate},
    shape::{
        Authentication, Buttons, Card, Carousel, CarouselCard, Catalog, CatalogItem, CodeButton, Flows, ListItem,
        ListPicker, MediaText, Place, Schedule, TextBody, WhatsappCard, WhatsappFlow,
    },
};
pub(crate) use self::{
    filled::Filled,
    names::{Names, PATIENCE},
    session::Sessions,
};
