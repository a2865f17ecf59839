//! Numbers, accounts, profiles, subscriptions and tokens. Source: Meta, Graph API reference, WhatsApp Business Account
//! and phone number; Business Management API.
mod health;
mod number;
mod subscription;
mod token;
mod waba;

pub use self::{
    health::{CanSend, Health, HealthEntity, HealthProblem},
    number::{
        AccountMode, NameStatus, NumberInfo, NumberStatus, Platform, Quality, Throughput, Verification,
        WebhookConfiguration,
    },
    subscription::SubscribedApp,
    token::{GrantedScope, TokenInfo, TokenProblem},
    waba::{BusinessProfile, WabaInfo},
};
