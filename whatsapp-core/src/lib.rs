#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod capability;
#[cfg(feature = "client")]
pub mod client;
pub mod config;
mod error;
mod event;
mod id;
mod identity;
#[cfg(feature = "client")]
pub mod layer;
pub mod limits;
mod link;
mod memory;
mod message;
mod phone;
mod power;
mod provider;
mod registry;
mod secret;
mod signature;
mod status;
#[cfg(feature = "testing")]
pub mod testing;
mod webhook;

pub use self::{
    capability::Capabilities,
    config::Settings,
    error::{Error, ErrorKind, Result, Retry},
    event::{
        AccountUpdate, CallUpdate, ContactBookEntry, DeliveryError, Echo, Edited, Envelope, Event, Forwarded,
        GroupUpdate, History, HistoryMessage, HistoryPart, InboundContent, InboundMedia, InboundMessage, InboundText,
        Order, OrderItem, Preference, PreferenceChoice, Pricing, Referral, Reply, Revoked, StatusUpdate, SystemKind,
        SystemNotice, TemplateChange, TemplateUpdate, Unknown, Unsupported,
    },
    id::{CorrelationId, EventId, GroupId, InvalidCorrelationId, LineId, MessageId, ProviderId},
    identity::{Alias, AliasKind, Identity, InvalidUserId, Recipient, UserId},
    link::wa_me,
    memory::{Memory, MemoryWebhook},
    message::{
        Action, AddressRequest, ButtonValue, CallButton, Card, CardAction, ContactAddress, ContactCard, ContactEmail,
        ContactName, ContactNameParts, ContactOrg, ContactPhone, ContactUrl, Contacts, Content, Flow, FlowRef,
        FlowStart, Header, Interactive, InteractiveKind, InteractiveKinds, InvalidContent, InvalidLink, List, Location,
        MediaCard, MediaFile, MediaKind, MediaSource, OutboundMessage, Parameter, Parameters, Product, ProductSection,
        Products, Reaction, Receipt, ReplyButton, Row, SavedAddress, Section, TapTarget, Template, TemplateButton,
        TemplateCard, TemplateHeader, Text, UrlButton,
    },
    phone::{InvalidPhoneNumber, PhoneNumber},
    power::{LedgerPage, LinkPhase, LinkState, PairCode, ProbeCheck, ProbeReport, QrCode},
    provider::{
        Ledger, Linking, Media, Parser, Presence, Probe, Provider, Sender, SenderExt, Templates, Verifier, WebhookExt,
    },
    registry::{Factory, Registry},
    secret::Secret,
    signature::{HmacSha1, HmacSha256, MacKeys, StandardWebhook},
    status::{Status, Timeline, UnknownStatus},
    webhook::{Challenge, Hint, Rejection, Verified, WebhookRequest},
};
