//! The conformance suite of `whatsapp-core` on the fake.
#![expect(clippy::unwrap_used, reason = "test code")]

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use whatsapp_core::{
    LineId, Provider, Result, Settings, conformance,
    testing::{Accepted, Fake, Fault, Harness, Inbound, Key, SignedRequest},
};
use whatsapp_meta::{
    MetaBuilder, connect,
    fake::{MetaFake, MetaFakeConfig, MetaFakeLine},
};

struct MetaHarness {
    fake: MetaFake,
    line: MetaFakeLine,
}

impl MetaHarness {
    fn id(&self) -> LineId {
        self.line.phone_number_id.as_str().into()
    }

    fn settings_at(&self, base_url: &str) -> Settings {
        let mut settings = self.line.settings(base_url);
        settings.set("timeout_seconds", "1");
        settings.set("verify_token", "verify-token-of-the-test");
        settings
    }
}

#[async_trait]
impl Harness for MetaHarness {
    async fn start() -> Self {
        let line = MetaFakeLine::new("106500000000001");
        let config = MetaFakeConfig { lines: vec![line.clone()], ..MetaFakeConfig::default() };
        Self { fake: MetaFake::start(config).await.unwrap(), line }
    }

    fn settings(&self) -> Settings {
        self.settings_at(&self.fake.url())
    }

    fn settings_unreachable(&self) -> Settings {
        self.settings_at("http://127.0.0.1:1")
    }

    fn required_keys(&self) -> &'static [&'static str] {
        &["access_token", "phone_number_id", "app_secret"]
    }

    fn build(&self, settings: &Settings) -> Result<Arc<dyn Provider>> {
        connect(settings)
    }

    fn environments(&self) -> Vec<Vec<(&'static str, String)>> {
        ["META_WA_APP_SECRET", "WHATSAPP_WEBHOOK_SECRET"]
            .map(|secret| {
                vec![
                    ("META_WA_ACCESS_TOKEN", "EAAtest".to_owned()),
                    ("META_WA_PHONE_NUMBER_ID", "106500000000001".to_owned()),
                    (secret, "app secret".to_owned()),
                ]
            })
            .to_vec()
    }

    fn build_from_environment() -> Result<Arc<dyn Provider>> {
        Ok(Arc::new(MetaBuilder::from_env().build()?))
    }

    fn script(&self, fault: Fault) {
        self.fake.faults().push(fault);
    }

    fn accepted(&self) -> Vec<Accepted> {
        self.fake.accepted()
    }

    fn requests(&self) -> usize {
        self.fake.requests()
    }

    fn webhooks(&self, items: &[Inbound], key: Key) -> Vec<SignedRequest> {
        self.fake.webhooks(&self.id(), items, key)
    }

    fn webhook_of(&self, body: Bytes) -> SignedRequest {
        self.fake.webhook_of(&self.id(), body, Key::Current).unwrap()
    }

    fn signature_header(&self) -> &'static str {
        "x-hub-signature-256"
    }

    fn secrets(&self) -> Vec<String> {
        let line = &self.line;
        let secrets = [&line.access_token, &line.app_secret, &line.previous_app_secret];
        secrets
            .map(|secret| secret.expose().to_owned())
            .into_iter()
            .chain(["verify-token-of-the-test".into()])
            .collect()
    }
}

conformance!(MetaHarness);
