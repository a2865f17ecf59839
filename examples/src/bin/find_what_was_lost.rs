//! What no webhook told: a message that came in while nobody listened, and a send whose answer was lost on the way. The
//! provider's own list knows both.
#![expect(clippy::print_stdout, reason = "an example talks to a person")]

use std::error::Error;

use chrono::{DateTime, TimeDelta};
use whatsapp_core::{
    Envelope, Event, OutboundMessage, PhoneNumber, Retry,
    testing::{Fake, Fault, Inbound},
};
use whatsapp_twilio::{TwilioFake, TwilioFakeConfig, connect};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let twilio = TwilioFake::start(TwilioFakeConfig::default()).await?;
    let line = connect(&twilio.settings("whatsapp:+14155550100"))?;
    let ledger = line.ledger().ok_or("this provider keeps a list")?;

    twilio.receive_untold(line.line(), &[Inbound::text("SM01", "972501234567", "יש לכם תור פנוי?")]);
    // Since the last time one looked; here, all there is.
    let (begin, end) = (DateTime::UNIX_EPOCH, DateTime::UNIX_EPOCH + TimeDelta::days(50_000));
    let mut next = None;
    loop {
        let page = ledger.received(begin..end, next.as_deref()).await?;
        for Envelope { event, .. } in page.events {
            let Event::Message(message) = event else { continue };
            println!("untold: {} (recovered: {})", message.content.words().unwrap_or_default(), message.recovered);
        }
        next = page.next;
        if next.is_none() {
            break;
        }
    }

    twilio.faults().push(Fault::DropAfterAccept);
    let dana: PhoneNumber = "+972501234567".parse()?;
    let message = OutboundMessage::new(dana, "כן, מחר ב-10:00");
    if let Err(error) = line.send(&message).await
        && error.retry() == Retry::Ambiguous
    {
        // Sending again might reach her twice. In earnest: some seconds later, and for the time of the try, with a
        // minute on both sides for clocks that differ.
        let found = ledger.sent(&message, begin..end).await?;
        println!("in doubt: {}; found in the list: {}", error.message(), found.len());
    }
    println!("sent: {}", twilio.accepted().len());
    Ok(())
}
