//! The conformance suite on the fake.
#![expect(clippy::unwrap_used, reason = "test code")]

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use whatsapp_core::{
    LineId, MediaKind, Provider, Result, Settings, conformance,
    testing::{Accepted, Fake, Fault, Harness, Inbound, Key, SignedRequest},
};
use whatsapp_twilio::{TwilioBuilder, TwilioFake, TwilioFakeConfig, connect};

const LINE: &str = "whatsapp:+14155550100";
const API_KEY_SECRET: &str = "secret-of-the-api-key-7c1d";
const CALLBACK_SECRET: &str = "secret-of-the-callback-90ab";
const SHARED_KEY: &str = "secret-of-the-shared-key-33";

struct TwilioHarness(TwilioFake);

#[async_trait]
impl Harness for TwilioHarness {
    async fn start() -> Self {
        let config = TwilioFakeConfig {
            api_key: Some(("SKfa4efa4efa4efa4efa4efa4efa4efa4e".to_owned(), API_KEY_SECRET.into())),
            webhook_target: Some("https://studio.example".to_owned()),
            ..TwilioFakeConfig::default()
        };
        Self(TwilioFake::start(config).await.unwrap())
    }

    fn settings(&self) -> Settings {
        let mut settings = self.0.settings(LINE);
        settings.set("api_key_sid", "SKfa4efa4efa4efa4efa4efa4efa4efa4e");
        settings.set("api_key_secret", API_KEY_SECRET);
        settings.set("status_callback_secret", CALLBACK_SECRET);
        settings.set("shared_key", SHARED_KEY);
        settings.set("timeout_seconds", "1");
        settings
    }

    fn settings_unreachable(&self) -> Settings {
        let mut settings = self.settings();
        settings.set("base_url", "http://127.0.0.1:1");
        settings
    }

    fn required_keys(&self) -> &'static [&'static str] {
        &["account_sid", "auth_token", "from"]
    }

    fn build(&self, settings: &Settings) -> Result<Arc<dyn Provider>> {
        connect(settings)
    }

    /// Twilio takes a file for what its link turns out to be; the fake goes by the ending.
    fn link_of(&self, kind: MediaKind) -> String {
        let ending = match kind {
            MediaKind::Image => "jpg",
            MediaKind::Video => "mp4",
            MediaKind::Audio => "ogg",
            _ => "pdf",
        };
        format!("https://files.example/a%20b.{ending}?x=1&y=2")
    }

    fn environments(&self) -> Vec<Vec<(&'static str, String)>> {
        vec![vec![
            ("TWILIO_ACCOUNT_SID", "AC00000000000000000000000000000001".to_owned()),
            ("TWILIO_AUTH_TOKEN", "auth token".to_owned()),
            ("TWILIO_WA_FROM", LINE.to_owned()),
        ]]
    }

    fn build_from_environment() -> Result<Arc<dyn Provider>> {
        Ok(Arc::new(TwilioBuilder::from_env().build()?))
    }

    fn script(&self, fault: Fault) {
        self.0.faults().push(fault);
    }

    fn accepted(&self) -> Vec<Accepted> {
        self.0.accepted()
    }

    fn requests(&self) -> usize {
        self.0.requests()
    }

    fn webhooks(&self, items: &[Inbound], key: Key) -> Vec<SignedRequest> {
        self.0.webhooks(&LineId::from(LINE), items, key)
    }

    fn webhook_of(&self, body: Bytes) -> SignedRequest {
        self.0.webhook_of(body)
    }

    fn signature_header(&self) -> &'static str {
        "x-twilio-signature"
    }

    fn secrets(&self) -> Vec<String> {
        let config = TwilioFakeConfig::default();
        let tokens = [config.auth_token, config.secondary_auth_token].map(|token| token.expose().to_owned());
        tokens.into_iter().chain([API_KEY_SECRET, CALLBACK_SECRET, SHARED_KEY].map(str::to_owned)).collect()
    }
}

conformance!(TwilioHarness);
