//! `WHATSAPP_PROVIDER` (`meta`, `twilio`, `baileys`) chooses; the rest of the program does not change.
//!
//! Where the environment has no credentials, a stand-in of that provider is started. With an account nothing is
//! sent unless `WHATSAPP_TO` names a number.
#![expect(clippy::print_stdout, reason = "an example talks to a person")]

use std::{error::Error, io};

use whatsapp_baileys::BaileysConfigKey;
use whatsapp_baileys::fake::{BaileysFake, BaileysFakeConfig};
use whatsapp_core::{PhoneNumber, ProviderId, Registry, Secret, SenderExt, Settings, testing::Fake};
use whatsapp_meta::MetaConfigKey;
use whatsapp_meta::fake::{MetaFake, MetaFakeConfig, MetaFakeLine};
use whatsapp_twilio::{TwilioConfigKey, TwilioFake, TwilioFakeConfig};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let registry = Registry::default()
        .with(whatsapp_meta::ID, whatsapp_meta::connect)
        .with(whatsapp_twilio::ID, whatsapp_twilio::connect)
        .with(whatsapp_baileys::ID, whatsapp_baileys::connect);
    let choice = Settings::from_env(&[("provider", &["WHATSAPP_PROVIDER"]), ("to", &["WHATSAPP_TO"])]);
    let id = ProviderId::from(choice.get("provider").map_or("baileys", Secret::expose).to_owned());

    let mut settings = from_env(&id);
    let mut fake = None;
    if !["access_token", "auth_token", "secret"].into_iter().any(|key| settings.get(key).is_some()) {
        println!("the environment has no credentials of {id}: starting its stand-in");
        fake = stand_in(&id, &mut settings).await?;
    }
    let line = registry.build(&id, &settings)?;
    println!("provider {}, line {}, {:?}", line.id(), line.line(), line.capabilities());
    if let Some(probe) = line.probe() {
        println!("credentials good: {}", probe.probe().await?.passed());
    }
    let default = fake.is_some().then_some("+972501234567");
    match choice.get("to").map(Secret::expose).or(default) {
        Some(to) => println!("sent as {}", line.send_text(to.parse::<PhoneNumber>()?, "שלום!").await?.id),
        None => println!("nothing sent: set WHATSAPP_TO"),
    }
    Ok(())
}

fn from_env(id: &ProviderId) -> Settings {
    match id.as_str() {
        "meta" => Settings::from_env(&MetaConfigKey::ALL.map(|key| (key.as_str(), key.env()))),
        "baileys" => Settings::from_env(&BaileysConfigKey::ALL.map(|key| (key.as_str(), key.env()))),
        "twilio" => {
            let keys = TwilioConfigKey::ALL.iter().map(|key| (key.as_str(), key.variables()));
            Settings::from_env(&keys.collect::<Vec<_>>())
        }
        _ => Settings::default(),
    }
}

/// Starts the stand-in of `id` and points `settings` at it; it lives as long as it is held.
async fn stand_in(id: &ProviderId, settings: &mut Settings) -> io::Result<Option<Box<dyn Fake>>> {
    Ok(match id.as_str() {
        "meta" => {
            let number = MetaFakeLine::new("106500000000177");
            let fake = MetaFake::start(MetaFakeConfig { webhook_target: None, lines: vec![number.clone()] }).await?;
            *settings = number.settings(&fake.url());
            Some(Box::new(fake))
        }
        "twilio" => {
            let fake = TwilioFake::start(TwilioFakeConfig::default()).await?;
            *settings = fake.settings("+14155550100");
            Some(Box::new(fake))
        }
        "baileys" => {
            let fake = BaileysFake::start(BaileysFakeConfig::new("shared secret").with_linked("studio")).await?;
            *settings =
                [("tenant", "studio"), ("secret", "shared secret"), ("base_url", &fake.url())].into_iter().collect();
            Some(Box::new(fake))
        }
        _ => None,
    })
}
