use std::{collections::HashMap, sync::Arc};

use whatsapp_baileys::fake::{BaileysFake, BaileysFakeConfig};
use whatsapp_core::{LineId, ProviderId, Secret, Settings, testing::Fake};
use whatsapp_meta::fake::{MetaFake, MetaFakeConfig, MetaFakeLine};
use whatsapp_twilio::{TwilioFake, TwilioFakeConfig};

use crate::clock::random;

/// A line at a fake, and what a business would type in to use it.
#[derive(Clone, Debug)]
pub struct WorldLine {
    /// Its provider.
    pub provider: ProviderId,
    /// The provider's id of it.
    pub line: LineId,
    /// Its credentials.
    pub settings: Settings,
}

/// The outside world: all three providers, each with one line. Secrets are new every time.
#[derive(Clone, Debug)]
pub struct World {
    fakes: HashMap<ProviderId, Arc<dyn Fake>>,
    /// The bridge, to link and unlink phones.
    pub bridge: Arc<BaileysFake>,
    /// Twilio, to receive what no webhook tells.
    pub twilio_fake: Arc<TwilioFake>,
    /// Meta's line.
    pub meta: WorldLine,
    /// Twilio's line.
    pub twilio: WorldLine,
    /// App secret of the installation's Meta app.
    pub app_secret: Secret,
    /// Secret between server and bridge.
    pub internal_secret: Secret,
}

fn secret() -> anyhow::Result<Secret> {
    Ok(hex::encode(random::<24>()?).into())
}

impl World {
    /// Opens the fakes; webhooks go to the server at `target`.
    ///
    /// # Errors
    /// If no port can be opened.
    pub async fn open(target: &str) -> anyhow::Result<Self> {
        Self::open_with(target, TwilioFakeConfig::default().webhook_tries).await
    }

    /// As [`open`](Self::open); Twilio gives a webhook up after this many tries.
    ///
    /// # Errors
    /// If no port can be opened.
    pub async fn open_with(target: &str, webhook_tries: u32) -> anyhow::Result<Self> {
        let (app_secret, internal_secret) = (secret()?, secret()?);
        let mut number = MetaFakeLine::new("106500000000177");
        number.access_token = secret()?;
        number.app_secret = app_secret.clone();
        let meta =
            MetaFake::start(MetaFakeConfig { webhook_target: Some(target.to_owned()), lines: vec![number.clone()] });
        let meta = Arc::new(meta.await?);
        let account = TwilioFakeConfig {
            account_sid: format!("AC{}", hex::encode(random::<16>()?)),
            auth_token: secret()?,
            secondary_auth_token: secret()?,
            webhook_target: Some(target.to_owned()),
            webhook_tries,
            ..TwilioFakeConfig::default()
        };
        let sender = account.lines.first().cloned().unwrap_or_default();
        let twilio = Arc::new(TwilioFake::start(account).await?);
        let bridge = BaileysFakeConfig::new(internal_secret.clone()).with_webhook_target(target);
        let bridge = Arc::new(BaileysFake::start(bridge).await?);
        let line = |provider: ProviderId, line: &str, settings| WorldLine { provider, line: line.into(), settings };
        Ok(Self {
            meta: line(whatsapp_meta::ID, &number.phone_number_id, number.settings(&meta.url())),
            twilio: line(whatsapp_twilio::ID, &sender, twilio.settings(&sender)),
            fakes: HashMap::from([
                (whatsapp_meta::ID, meta as Arc<dyn Fake>),
                (whatsapp_twilio::ID, Arc::clone(&twilio) as Arc<dyn Fake>),
                (whatsapp_baileys::ID, Arc::clone(&bridge) as Arc<dyn Fake>),
            ]),
            bridge,
            twilio_fake: twilio,
            app_secret,
            internal_secret,
        })
    }

    /// The fake of a provider.
    #[must_use]
    pub fn fake(&self, provider: &ProviderId) -> Option<&Arc<dyn Fake>> {
        self.fakes.get(provider)
    }

    /// Links a phone to a tenant of the bridge, and says what a business would type in to use it.
    #[must_use]
    pub fn link_phone(&self, tenant: &str, push_name: &str) -> WorldLine {
        self.bridge.scan(tenant, push_name);
        let settings = [
            ("tenant", Secret::from(tenant)),
            ("secret", self.internal_secret.clone()),
            ("base_url", self.bridge.url().into()),
        ];
        WorldLine { provider: whatsapp_baileys::ID, line: tenant.into(), settings: settings.into_iter().collect() }
    }
}
