//! One question with buttons for every provider: Meta and Twilio show them, WhatsApp Web gets numbered lines, and the "2"
//! that a contact types there comes back as the tap of the second button.
#![expect(clippy::print_stdout, reason = "an example talks to a person")]

use std::{error::Error, sync::Arc};

use whatsapp_baileys::fake::{BaileysFake, BaileysFakeConfig};
use whatsapp_core::{
    Event, InboundContent, Interactive, PhoneNumber, ReplyButton, SenderExt, Settings, WebhookExt,
    layer::{Layered, RetryPolicy, ThrottlePolicy},
    testing::{Fake, Inbound, Key},
};
use whatsapp_meta::fake::{MetaFake, MetaFakeConfig, MetaFakeLine};
use whatsapp_twilio::{TwilioFake, TwilioFakeConfig};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let dana: PhoneNumber = "+972501234567".parse()?;
    let ask =
        Interactive::buttons("נתראה מחר ב-10:00?", [ReplyButton::new("yes", "כן"), ReplyButton::new("no", "לא")])?;

    let line = MetaFakeLine::new("106500000000001");
    let meta = MetaFake::start(MetaFakeConfig { lines: vec![line.clone()], ..MetaFakeConfig::default() }).await?;
    let shown = whatsapp_meta::connect(&line.settings(&meta.url()))?.degrading();
    shown.send_content(dana.clone(), ask.clone()).await?;
    let took = meta.accepted().pop().ok_or("Meta took it")?;
    println!("Meta: {} with {}", took.text.unwrap_or_default(), took.parameters.join(" | "));

    let twilio = TwilioFake::start(TwilioFakeConfig::default()).await?;
    let shown = whatsapp_twilio::connect(&twilio.settings("whatsapp:+14155550100"))?.degrading();
    shown.send_content(dana.clone(), ask.clone()).await?;
    let took = twilio.accepted().pop().ok_or("Twilio took it")?;
    println!("Twilio: {} with {}", took.text.unwrap_or_default(), took.parameters.join(" | "));

    let bridge = BaileysFake::start(BaileysFakeConfig::new("a shared secret").with_linked("studio")).await?;
    let keys = [("tenant", "studio"), ("secret", "a shared secret"), ("base_url", &bridge.url())];
    let provider = whatsapp_baileys::connect(&Settings::from_iter(keys))?;
    // The questions that were asked are remembered here; what is around it sends through it.
    let said = Arc::clone(&provider).degrading();
    let sender = said.clone().throttling(ThrottlePolicy::default()).retrying(RetryPolicy::default());
    sender.send_content(dana, ask).await?;
    println!("WhatsApp Web: {}", bridge.accepted().pop().ok_or("the bridge took it")?.text.unwrap_or_default());

    for webhook in bridge.webhooks(provider.line(), &[Inbound::text("3EB01", "972501234567", "2")], Key::Current) {
        for mut envelope in provider.receive(webhook.as_request())?? {
            said.restore(&mut envelope);
            if let Event::Message(message) = envelope.event
                && let InboundContent::Reply(reply) = message.content
            {
                println!("Dana tapped {}", reply.id().unwrap_or_default());
            }
        }
    }
    Ok(())
}
