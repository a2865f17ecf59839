//! A bot that answers every text with the same text: signed webhook in, verified, parsed, answered.
//!
//! It runs over Twilio's stand-in, and would run over any other provider as it is.
#![expect(clippy::print_stdout, reason = "an example talks to a person")]

use std::error::Error;

use whatsapp_core::{
    Event, InboundContent, OutboundMessage, Provider, WebhookExt, WebhookRequest,
    testing::{Fake, Inbound, Key},
};
use whatsapp_twilio::{TwilioFake, TwilioFakeConfig};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let origin = Some("https://bot.example".to_owned());
    let twilio = TwilioFake::start(TwilioFakeConfig { webhook_target: origin, ..TwilioFakeConfig::default() }).await?;
    let bot = whatsapp_twilio::connect(&twilio.settings("whatsapp:+14155550100"))?;

    // What a web server would hand over; see the example `webhook_axum`.
    let texts = [Inbound::text("SM01", "972501234567", "היי"), Inbound::text("SM02", "972521234567", "יש תור מחר?")];
    for webhook in twilio.webhooks(bot.line(), &texts, Key::Current) {
        answer(&*bot, webhook.as_request()).await?;
    }
    for webhook in twilio.webhooks(bot.line(), &texts, Key::Other) {
        if let Err(rejection) = answer(&*bot, webhook.as_request()).await {
            println!("forged, nothing is read: {rejection}");
        }
    }
    for reply in twilio.accepted() {
        println!("echo to {}: {}", reply.to, reply.text.unwrap_or_default());
    }
    Ok(())
}

/// Answers the texts of one webhook.
async fn answer(bot: &dyn Provider, request: WebhookRequest<'_>) -> Result<(), Box<dyn Error>> {
    // The outer error: not authentic. The inner one: authentic, but unreadable as a whole.
    for envelope in bot.receive(request)?? {
        let Event::Message(message) = envelope.event else { continue };
        // A person may hide the number; a machine never answers what was delivered late, nor what another one answers.
        let theirs = message.replayed || message.standby || message.group.is_some();
        let (Some(phone), InboundContent::Text(text), false) = (message.from.phone(), message.content, theirs) else {
            continue;
        };
        let mut reply = OutboundMessage::new(phone, text.body);
        if bot.capabilities().replies {
            reply = reply.in_reply_to(message.id);
        }
        bot.send(&reply).await?;
    }
    Ok(())
}
