//! Templates: what they are made of, what Meta would refuse of them, and their keeping. Source: Meta, Business
//! Management API, message templates; template components.
mod button;
mod check;
#[cfg(feature = "client")]
mod code_button;
mod component;
mod definition;
mod rules;
#[cfg(feature = "client")]
mod special;
#[cfg(feature = "client")]
mod store;
mod synced;
mod wording;

pub use self::{
    button::{Button, FlowButton, OtpButton, OtpType, SupportedApp, UrlButton},
    component::{
        Body, BodyExample, Buttons, Card, Component, Footer, Header, HeaderExample, HeaderFormat, NamedExample, Offer,
        OfferComponent,
    },
    definition::{Category, ParameterFormat, TemplateDefinition},
    synced::{SyncedTemplate, TemplateQuality, TemplateStatus},
};
#[cfg(feature = "client")]
pub use self::{
    special::{Archived, AuthenticationTemplate, LibraryTemplate, UpsertedTemplate},
    store::{CreatedTemplate, TemplateQuery},
};
