//! A stateful stand-in of Twilio on loopback.
mod api;
mod check;
mod content;
mod file;
mod hook;
mod message;
mod state;

use std::{
    io,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use bytes::Bytes;
use whatsapp_core::{
    LineId, Secret, Settings, Status,
    testing::{Accepted, Courier, Fake, FaultQueue, Inbound, Key, Redelivery, SignedRequest, Stage},
};

use self::state::Shared;
use crate::wire::address;

/// What the fake knows of the account.
#[derive(Clone, Debug)]
pub struct TwilioFakeConfig {
    /// The account.
    pub account_sid: String,
    /// Signs webhooks and opens the API.
    pub auth_token: Secret,
    /// The other token of the account; opens the API, too.
    pub secondary_auth_token: Secret,
    /// Id and secret of a standard API key.
    pub api_key: Option<(String, Secret)>,
    /// Senders, `whatsapp:+…` or `+…`.
    pub lines: Vec<String>,
    /// Origin of the server that takes webhooks; what comes in before it is known is never delivered.
    pub webhook_target: Option<String>,
    /// How often it tries to deliver a webhook before it gives up.
    pub webhook_tries: u32,
}

impl Default for TwilioFakeConfig {
    fn default() -> Self {
        Self {
            account_sid: "ACfa4efa4efa4efa4efa4efa4efa4efa4e".to_owned(),
            auth_token: "fake-auth-token-in-use".into(),
            secondary_auth_token: "fake-auth-token-of-before".into(),
            api_key: None,
            lines: vec!["whatsapp:+14155550100".to_owned()],
            webhook_target: None,
            webhook_tries: 12,
        }
    }
}

/// Twilio on loopback: checks what it is sent as the Messages resource does, keeps it, and posts signed webhooks.
///
/// Statuses go to the `StatusCallback` of their message and nowhere if it has none. Twilio has no state for
/// `received`, `played` and `deleted`, so no webhook tells of them.
///
/// ```
/// use whatsapp_core::{PhoneNumber, SenderExt, testing::Fake};
/// use whatsapp_twilio::{TwilioFake, TwilioFakeConfig, connect};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let fake = TwilioFake::start(TwilioFakeConfig::default()).await?;
/// let line = connect(&fake.settings("+14155550100"))?;
/// let dana: PhoneNumber = "+972501234567".parse()?;
/// line.send_text(dana, "היי 👋").await?;
/// assert_eq!(fake.accepted()[0].text.as_deref(), Some("היי 👋"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct TwilioFake {
    stage: Stage,
    shared: Arc<Shared>,
}

impl TwilioFake {
    /// Redelivers faster and more often than Twilio, which tries an unanswered webhook once more.
    const REDELIVERY: Redelivery = Redelivery {
        first: Duration::from_millis(200),
        longest: Duration::from_secs(2),
        tries: 0,
        timeout: Duration::from_secs(5),
    };

    /// Opens the fake on a port of its own.
    ///
    /// # Errors
    /// If no port can be opened.
    pub async fn start(mut config: TwilioFakeConfig) -> io::Result<Self> {
        for line in &mut config.lines {
            *line = address(line);
        }
        let faults = FaultQueue::default();
        let redelivery = Redelivery { tries: config.webhook_tries, ..Self::REDELIVERY };
        let courier = Courier::new(redelivery, faults.clone()).map_err(io::Error::other)?;
        let shared = Arc::new(Shared::new(config, faults, courier));
        let stage = Stage::open(api::router(Arc::clone(&shared))).await?;
        shared.lock().url = stage.url();
        Ok(Self { stage, shared })
    }

    /// Says where webhooks go from now on: the server's origin.
    pub fn set_webhook_target(&self, url: &str) {
        url.trim_end_matches('/').clone_into(&mut self.shared.lock().target);
    }

    /// Settings of `line` at this fake. The webhook target, if there is one, is the public address.
    #[must_use]
    pub fn settings(&self, line: &str) -> Settings {
        let config = &self.shared.config;
        let mut settings = Settings::default();
        settings.set("account_sid", config.account_sid.as_str());
        settings.set("auth_token", config.auth_token.clone());
        settings.set("secondary_auth_token", config.secondary_auth_token.clone());
        settings.set("from", line);
        settings.set("base_url", self.stage.url());
        settings.set("public_base_url", self.shared.lock().target.as_str());
        settings
    }

    /// Keeps `items` as if they had come in while nobody told: they are in the list of messages, and no webhook goes out.
    pub fn receive_untold(&self, line: &LineId, items: &[Inbound]) {
        self.webhooks(line, items, Key::Current);
    }

    /// The contacts' messages that typing was shown for, oldest first.
    #[must_use]
    pub fn typed(&self) -> Vec<String> {
        self.shared.lock().typed.clone()
    }

    /// A correctly signed inbound webhook with any form as its body.
    #[must_use]
    pub fn webhook_of(&self, body: Bytes) -> SignedRequest {
        self.shared.inbound_webhook(body, Key::Current)
    }
}

impl Fake for TwilioFake {
    fn url(&self) -> String {
        self.stage.url()
    }

    fn faults(&self) -> &FaultQueue {
        &self.shared.faults
    }

    fn courier(&self) -> &Courier {
        &self.shared.courier
    }

    fn accepted(&self) -> Vec<Accepted> {
        self.shared.lock().messages.iter().map(|message| message.accepted.clone()).collect()
    }

    fn requests(&self) -> usize {
        self.shared.requests.load(Ordering::Acquire)
    }

    fn follow_with(&self, statuses: Vec<Status>) {
        self.shared.lock().statuses = statuses;
    }

    fn webhooks(&self, line: &LineId, items: &[Inbound], key: Key) -> Vec<SignedRequest> {
        items.iter().filter_map(|item| self.shared.webhook(line, item, key)).collect()
    }
}
