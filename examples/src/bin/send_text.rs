//! Sends one text over Meta, and shows what a refusal looks like. A stand-in of Meta on loopback takes it.
#![expect(clippy::print_stdout, reason = "an example talks to a person")]

use std::error::Error;

use whatsapp_core::{
    ErrorKind, PhoneNumber, SenderExt,
    testing::{Fake, Fault},
};
use whatsapp_meta::{
    MetaBuilder, MetaConfigKey,
    fake::{MetaFake, MetaFakeConfig, MetaFakeLine},
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let number = MetaFakeLine::new("106500000000177");
    let meta = MetaFake::start(MetaFakeConfig { lines: vec![number.clone()], ..MetaFakeConfig::default() }).await?;

    // With an account: `MetaBuilder::from_env().build()?`.
    let line = MetaBuilder::new()
        .with_config(MetaConfigKey::AccessToken, number.access_token)
        .with_config(MetaConfigKey::PhoneNumberId, number.phone_number_id)
        .with_config(MetaConfigKey::AppSecret, number.app_secret)
        .with_config(MetaConfigKey::BaseUrl, meta.url())
        .build()?;

    let dana: PhoneNumber = "+972501234567".parse()?;
    let receipt = line.send_text(dana.clone(), "היי דנה 👋").await?;
    println!("sent: {} has it as {}", receipt.provider, receipt.id);
    for message in meta.accepted() {
        println!("the stand-in took for {}: {}", message.to, message.text.unwrap_or_default());
    }

    // Errors say whether the message was surely refused, and what helps.
    meta.faults().push(Fault::Reject { kind: ErrorKind::WindowClosed });
    if let Err(error) = line.send_text(dana, "עוד משהו").await {
        println!("refused: {error} · retry: {:?} · advice: {}", error.retry(), error.advice());
    }
    Ok(())
}
