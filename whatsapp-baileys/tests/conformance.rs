//! The conformance suite against the fake bridge.
#![expect(clippy::unwrap_used, reason = "test code")]

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use whatsapp_baileys::{
    BaileysBuilder, connect,
    fake::{BaileysFake, BaileysFakeConfig},
};
use whatsapp_core::{
    LineId, Provider, Result, Settings, conformance,
    testing::{Accepted, Fake, Fault, Harness, Inbound, Key, SignedRequest},
};

const SECRET: &str = "current-secret-of-the-bridge";
const PREVIOUS: &str = "previous-secret-of-the-bridge";
const TENANT: &str = "studio_17";

struct BaileysHarness(BaileysFake);

#[async_trait]
impl Harness for BaileysHarness {
    async fn start() -> Self {
        let config = BaileysFakeConfig::new(SECRET).with_previous_secret(PREVIOUS).with_linked(TENANT);
        Self(BaileysFake::start(config).await.unwrap())
    }

    fn settings(&self) -> Settings {
        Settings::from_iter([
            ("tenant", TENANT),
            ("base_url", &self.0.url()),
            ("secret", SECRET),
            ("previous_secret", PREVIOUS),
            ("require_signature", "1"),
            ("timeout_seconds", "1"),
        ])
    }

    fn settings_unreachable(&self) -> Settings {
        let mut settings = self.settings();
        settings.set("base_url", "http://127.0.0.1:1");
        settings
    }

    fn required_keys(&self) -> &'static [&'static str] {
        &["tenant", "secret"]
    }

    fn build(&self, settings: &Settings) -> Result<Arc<dyn Provider>> {
        connect(settings)
    }

    fn environments(&self) -> Vec<Vec<(&'static str, String)>> {
        [("BAILEYS_BASE_URL", "INTERNAL_SECRET"), ("BAILEYS_OUTBOUND_URL", "BAILEYS_WEBHOOK_SECRET")]
            .map(|(url, secret)| {
                vec![
                    ("BAILEYS_TENANT", TENANT.to_owned()),
                    (url, "http://127.0.0.1:3001".to_owned()),
                    (secret, SECRET.to_owned()),
                ]
            })
            .to_vec()
    }

    fn build_from_environment() -> Result<Arc<dyn Provider>> {
        Ok(Arc::new(BaileysBuilder::from_env().build()?))
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
        self.0.webhooks(&LineId::from(TENANT), items, key)
    }

    fn webhook_of(&self, body: Bytes) -> SignedRequest {
        self.0.sign(body, Key::Current)
    }

    fn signature_header(&self) -> &'static str {
        "webhook-signature"
    }

    fn secrets(&self) -> Vec<String> {
        vec![SECRET.to_owned(), PREVIOUS.to_owned()]
    }
}

conformance!(BaileysHarness);
