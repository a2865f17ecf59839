//! A send whose fate is unknown is settled by the provider's own list, where it has one: Twilio. No webhook tells of
//! anything here, and the grace is longer than any test.
use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use whatsapp_core::{
    MessageId, OutboundMessage, PhoneNumber, Status,
    testing::{Fault, Inbound, Key},
};

use crate::support::{Business, Town, databases, eventually};

const TO: &str = "972501234567";
/// Longer than a look and a second try take, shorter than the grace.
const SOON: Duration = Duration::from_secs(15);

async fn in_every_town(test: impl AsyncFn(&mut Town)) {
    for database in databases().await {
        let mut town =
            Town::start_with(database, &[Town::SHORT.as_slice(), &[("UNKNOWN_GRACE_SECONDS", "600")]].concat()).await;
        test(&mut town).await;
    }
}

/// Ids of what Twilio took with this text, oldest first.
fn taken(town: &Town, text: &str) -> Vec<MessageId> {
    let accepted = town.fake(town.twilio()).accepted().into_iter();
    accepted.filter(|one| one.text.as_deref() == Some(text)).map(|one| one.id).collect()
}

/// Commits a text without waiting for the provider; its id.
async fn queue(business: &Business, to: &str, text: &str) -> String {
    let (status, answer) = business.client.post("/api/whatsapp/send?wait=0", &json!({ "to": to, "text": text })).await;
    assert_eq!(status, 200, "{answer}");
    answer["id"].as_str().unwrap().to_owned()
}

async fn sent(business: &Business, id: &str) -> Value {
    eventually(&format!("{id} to be settled"), SOON, async || {
        Some(business.client.message(id).await).filter(|message| message["status"] == "sent")
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_is_found_and_not_sent_again() {
    in_every_town(async |town| {
        let (business, fake) = (town.twilio(), town.fake(town.twilio()));
        for fault in [Fault::ErrorAfterAccept, Fault::HangAfterAccept, Fault::DropAfterAccept, Fault::Garbage] {
            let (text, asked) = (format!("{fault:?}"), fake.requests());
            fake.faults().push(fault);
            let id = queue(business, TO, &text).await;
            let message = sent(business, &id).await;
            let found = taken(town, &text);
            assert_eq!((found.len(), fake.requests() - asked), (1, 1), "{fault:?}");
            assert_eq!((&message["provider_message_id"], &message["reason"]), (&json!(found[0]), &Value::Null));
            // Proof that comes late is about the same message, and doubles nothing.
            let late = Inbound::status(found[0].as_str(), TO, Status::Delivered);
            for webhook in fake.webhooks(&business.line.line, &[late], Key::Current) {
                assert_eq!(business.client.deliver(&webhook).await, Some(204));
            }
            business.client.reaches(&id, "delivered").await;
            assert_eq!(fake.requests() - asked, 1, "{fault:?}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_taken_is_sent_again_without_waiting_for_the_grace() {
    in_every_town(async |town| {
        let (business, fake) = (town.twilio(), town.fake(town.twilio()));
        for fault in [Fault::DropBeforeAccept, Fault::ErrorBeforeAccept, Fault::HangBeforeAccept] {
            let (text, asked) = (format!("{fault:?}"), fake.requests());
            fake.faults().push(fault);
            let id = queue(business, TO, &text).await;
            let message = sent(business, &id).await;
            let found = taken(town, &text);
            assert_eq!((found.len(), fake.requests() - asked), (1, 2), "{fault:?}");
            assert_eq!(message["provider_message_id"], json!(found[0]));
        }
    })
    .await;
}

/// Equal words to the same contact: each message finds its own entry, or that it has none.
#[tokio::test(flavor = "multi_thread")]
async fn equal_words_are_told_apart() {
    in_every_town(async |town| {
        let (business, fake) = (town.twilio(), town.fake(town.twilio()));
        let first = business.client.send(TO, "שוב").await;
        assert_eq!(first["status"], "sent");
        // Twilio's list has the same words already, of another message.
        fake.faults().push(Fault::DropBeforeAccept);
        let second = sent(business, &queue(business, TO, "שוב").await).await;
        fake.faults().push(Fault::DropAfterAccept);
        fake.faults().push(Fault::DropAfterAccept);
        let third = queue(business, TO, "שוב").await;
        let fourth = queue(business, TO, "שוב").await;
        let (third, fourth) = (sent(business, &third).await, sent(business, &fourth).await);
        let ids = [
            &first["sid"],
            &second["provider_message_id"],
            &third["provider_message_id"],
            &fourth["provider_message_id"],
        ];
        assert_eq!(json!(ids), json!(taken(town, "שוב")), "each its own, in the order of sending");
    })
    .await;
}

/// The server dies while Twilio is asked; the next one finds out what became of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_crash_is_settled_by_the_list() {
    in_every_town(async |town| {
        let business = town.twilio().clone();
        for (fault, tries) in [(Fault::HangAfterAccept, 1), (Fault::HangBeforeAccept, 2)] {
            let (text, asked) = (format!("{fault:?}"), town.fake(&business).requests());
            town.fake(&business).faults().push(fault);
            let id = queue(&business, TO, &text).await;
            eventually("Twilio to be asked", SOON, async || (town.fake(&business).requests() > asked).then_some(()))
                .await;
            town.server.kill().await;
            town.server.start().await;
            let message = sent(&business, &id).await;
            let found = taken(town, &text);
            assert_eq!((found.len(), town.fake(&business).requests() - asked), (1, tries), "{fault:?}");
            assert_eq!(message["provider_message_id"], json!(found[0]));
        }
    })
    .await;
}

/// What another program sent with the same number is not ours. Nor is it sure that ours was not taken: the approved words
/// may be others than those that we know. So nothing is claimed and nothing sent again.
#[tokio::test(flavor = "multi_thread")]
async fn anothers_message_proves_nothing() {
    in_every_town(async |town| {
        let (business, fake) = (town.twilio(), town.fake(town.twilio()));
        let other = whatsapp_twilio::connect(&business.line.settings).unwrap();
        let to: PhoneNumber = format!("+{TO}").parse().unwrap();
        other.send(&OutboundMessage::new(to, "מהקופה: תודה על הקנייה")).await.unwrap();
        fake.faults().push(Fault::ErrorBeforeAccept);
        let template = json!({ "to": TO, "template": "HX00112233445566778899aabbccddeeff", "variables": ["דנה"],
            "text": "שלום {{1}}, נתראה מחר" });
        let (status, answer) = business.client.post("/api/whatsapp/send_template?wait=0", &template).await;
        assert_eq!(status, 200, "{answer}");
        tokio::time::sleep(Duration::from_secs(4)).await;
        let message = business.client.message(answer["id"].as_str().unwrap()).await;
        assert_eq!(
            (&message["reason"], &message["provider_message_id"]),
            (&json!("unknown"), &Value::Null),
            "{message}"
        );
        assert!(!fake.accepted().iter().any(|one| one.kind == "template"), "it waits");
    })
    .await;
}

/// How long a list is asked in vain counts from the first look, not from the try: one look in vain after a long outage is
/// no reason to give up.
#[tokio::test(flavor = "multi_thread")]
async fn an_outage_uses_up_no_patience() {
    for database in databases().await {
        let short = [Town::SHORT.as_slice(), &[("UNKNOWN_GRACE_SECONDS", "1")]].concat();
        let mut town = Town::start_with(database, &short).await;
        let relay = town.relay_twilio().await;
        let business = town.twilio().clone();
        let asked = town.fake(&business).requests();
        town.fake(&business).faults().push(Fault::HangBeforeAccept);
        let id = queue(&business, TO, "לפני ההשבתה").await;
        eventually("Twilio to be asked", SOON, async || (town.fake(&business).requests() > asked).then_some(())).await;
        town.server.kill().await;
        tokio::time::sleep(Duration::from_secs(6)).await;
        relay.close(true);
        let looks = relay.looks();
        town.server.start().await;
        eventually("a look in vain", SOON, async || (relay.looks() > looks).then_some(())).await;
        relay.close(false);
        sent(&business, &id).await;
    }
}

/// A message that a later version wrote, or that is damaged, ends with a word and keeps nobody busy.
#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_any_more_is_given_up() {
    in_every_town(async |town| {
        let business = town.twilio();
        town.fake(business).faults().push(Fault::ErrorAfterAccept);
        let id = queue(business, TO, "של מחר").await;
        let connection = town.database.connect().await;
        let spoilt = "UPDATE outbox SET content = '{\"kind\":\"of tomorrow\"}' WHERE state = 'unknown'";
        eventually("the answer to be lost", SOON, async || {
            let statement = Statement::from_string(connection.get_database_backend(), spoilt.to_owned());
            (connection.execute_raw(statement).await.unwrap().rows_affected() == 1).then_some(())
        })
        .await;
        let message = eventually("it to be given up", SOON, async || {
            Some(business.client.message(&id).await).filter(|message| message["status"] == "failed")
        })
        .await;
        assert_eq!(message["error"]["code"], "unknown_outcome", "{message}");
        assert_eq!(business.client.send(TO, "הבאה").await["status"], "sent", "the lane goes on");
    })
    .await;
}

/// While the list cannot be read nothing is sent again, however long no webhook tells of the message.
#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_cannot_be_read_proves_nothing() {
    for database in databases().await {
        let short = [Town::SHORT.as_slice(), &[("UNKNOWN_GRACE_SECONDS", "1")]].concat();
        let mut town = Town::start_with(database, &short).await;
        let relay = town.relay_twilio().await;
        let (business, fake) = (town.twilio(), town.fake(town.twilio()));

        relay.close(true);
        fake.faults().push(Fault::ErrorBeforeAccept);
        let id = queue(business, TO, "נפתח בזמן").await;
        eventually("two looks in vain", SOON, async || (relay.looks() >= 2).then_some(())).await;
        let waits = business.client.message(&id).await;
        assert_eq!((&waits["status"], &waits["reason"]), (&json!("sending"), &json!("unknown")), "{waits}");
        assert_eq!(fake.requests(), 1, "longer than the grace, and not sent again");
        relay.close(false);
        sent(business, &id).await;
        assert_eq!((taken(&town, "נפתח בזמן").len(), fake.requests()), (1, 2));

        relay.close(true);
        fake.faults().push(Fault::ErrorAfterAccept);
        let began = Instant::now();
        let id = queue(business, TO, "לא נפתח").await;
        let message = eventually("it to be given up", SOON, async || {
            Some(business.client.message(&id).await).filter(|message| message["status"] == "failed")
        })
        .await;
        assert_eq!(message["error"]["code"], "unknown_outcome", "{message}");
        assert!(began.elapsed() > Duration::from_secs(5), "five times the grace: {:?}", began.elapsed());
        assert_eq!((taken(&town, "לא נפתח").len(), fake.requests()), (1, 3), "not sent again");
    }
}
