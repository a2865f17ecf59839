//! What becomes of a message that the provider refuses, puts off, or leaves in doubt.
use std::time::Duration;

use serde_json::{Value, json};
use whatsapp_core::{ErrorKind, Status, testing::Fault};

use crate::support::{Business, Town, eventually, in_every_town};

/// Longer than the grace after which a message in doubt is sent again, and than the pause before that is seen.
const SETTLED: Duration = Duration::from_secs(4);

/// How often the provider took a message with this text.
fn taken(town: &Town, business: &Business, text: &str) -> usize {
    let accepted = town.fake(business).accepted();
    accepted.iter().filter(|taken| taken.line == business.line.line && taken.text.as_deref() == Some(text)).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_told_and_kept() {
    in_every_town(async |town| {
        for (business, code) in town.businesses.iter().zip(["131026", "21211", "invalid_recipient"]) {
            town.fake(business).faults().push(Fault::Reject { kind: ErrorKind::InvalidRecipient });
            let body = json!({ "to": "0521111111", "text": "אין כזה" });
            let (status, error) = business.client.post("/api/whatsapp/send", &body).await;
            assert_eq!((status, &error["code"]), (422, &json!("invalid_recipient")), "{error}");
            assert!(error["advice"].is_string() && error["error"].is_string(), "{error}");
            let message = business.client.message(error["id"].as_str().unwrap()).await;
            assert_eq!((&message["status"], &message["error"]["code"]), (&json!("failed"), &json!(code)));
            assert!(message["failed_at"].is_string() && message["error"]["advice"].is_string(), "{message}");
            assert_eq!(taken(town, business, "אין כזה"), 0);
            // The lane goes on.
            assert_eq!(business.client.send("0521111111", "הבא").await["status"], "sent");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_put_off_is_sent_later() {
    in_every_town(async |town| {
        for business in &town.businesses {
            town.fake(business).faults().push(Fault::RateLimit { retry_after: Some(1) });
            let first = business.client.send("0522222222", "ראשון").await;
            assert_eq!((&first["status"], &first["reason"]), (&json!("sending"), &json!("rate_limited")), "{first}");
            // Order within a conversation holds: the second waits for the first.
            let (_, second) =
                business.client.post("/api/whatsapp/send?wait=0", &json!({ "to": "0522222222", "text": "שני" })).await;
            assert_eq!(second["status"], "queued", "{second}");
            let other = business.client.send("0522222223", "אחר").await;
            assert_eq!(other["status"], "sent", "another conversation does not wait: {other}");
            let message = business.client.reaches(first["id"].as_str().unwrap(), "sent").await;
            assert_eq!((&message["reason"], &message["error"]), (&Value::Null, &Value::Null));
            business.client.reaches(second["id"].as_str().unwrap(), "sent").await;
            let accepted = town.fake(business).accepted();
            let order: Vec<_> = accepted.iter().filter(|taken| taken.to == "972522222222").collect();
            let order: Vec<_> = order.iter().filter_map(|taken| taken.text.as_deref()).collect();
            assert_eq!(order, ["ראשון", "שני"]);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_without_an_answer_is_not_sent_again() {
    in_every_town(async |town| {
        for business in &town.businesses {
            town.fake(business).follow_with(vec![Status::Sent, Status::Delivered]);
        }
        let faults = [Fault::ErrorAfterAccept, Fault::HangAfterAccept, Fault::DropAfterAccept, Fault::Garbage];
        for (at, fault) in faults.into_iter().enumerate() {
            let mut sent = Vec::new();
            for business in &town.businesses {
                town.fake(business).faults().push(fault);
                let (to, text) = (format!("05233333{at:02}"), format!("{fault:?}"));
                sent.push((business, business.client.send(&to, &text).await, text));
            }
            for (business, answer, text) in sent {
                let id = answer["id"].as_str().unwrap();
                business.client.reaches(id, "delivered").await;
                // The earlier status may come later.
                let sid = eventually("the time of sending", Duration::from_secs(5), async || {
                    let message = business.client.message(id).await;
                    message["sent_at"].is_string().then(|| message["provider_message_id"].clone())
                })
                .await;
                assert!(sid.is_string());
                assert_eq!(taken(town, business, &text), 1, "{} after {text}", business.provider);
            }
        }
        tokio::time::sleep(SETTLED).await;
        for business in &town.businesses {
            for fault in faults {
                assert_eq!(taken(town, business, &format!("{fault:?}")), 1, "{} after {fault:?}", business.provider);
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_taken_is_sent_again_once() {
    in_every_town(async |town| {
        let faults = [Fault::DropBeforeAccept, Fault::ErrorBeforeAccept, Fault::HangBeforeAccept];
        let mut waiting = Vec::new();
        for (at, fault) in faults.into_iter().enumerate() {
            for business in &town.businesses {
                town.fake(business).faults().push(fault);
                let body = json!({ "to": format!("05244444{at:02}"), "text": format!("{fault:?}") });
                let asked = town.fake(business).requests();
                let (status, answer) = business.client.post("/api/whatsapp/send?wait=0", &body).await;
                assert_eq!(status, 200, "{answer}");
                // The next fault is meant for the next message.
                eventually("the provider to be asked", Duration::from_secs(5), async || {
                    (town.fake(business).requests() > asked).then_some(())
                })
                .await;
                waiting.push((business, fault, answer));
            }
        }
        for (business, fault, answer) in &waiting {
            business.client.reaches(answer["id"].as_str().unwrap(), "sent").await;
            assert_eq!(taken(town, business, &format!("{fault:?}")), 1, "{} after {fault:?}", business.provider);
        }
    })
    .await;
}

/// The answer to a send and the webhooks about it come at the same time; whichever is first, nothing gets lost.
#[tokio::test(flavor = "multi_thread")]
async fn answer_and_statuses_at_once() {
    in_every_town(async |town| {
        for business in &town.businesses {
            let fake = town.fake(business);
            fake.follow_with(vec![Status::Sent, Status::Delivered, Status::Read]);
            let mut sent = Vec::new();
            // A linked phone sends five at once, then one a second.
            let count = if business.provider == whatsapp_baileys::ID { 5 } else { 30 };
            for at in 0..count {
                if at % 2 == 0 {
                    fake.faults().push(Fault::SlowAnswer { millis: 3 * at });
                }
                sent.push(business.client.send(&format!("05255555{at:02}"), &format!("מספר {at}")).await);
            }
            for answer in sent {
                let what = format!("everything to be known of a message at {}", business.provider);
                eventually(&what, Duration::from_secs(10), async || {
                    let message = business.client.message(answer["id"].as_str().unwrap()).await;
                    let names = ["provider_message_id", "sent_at", "delivered_at", "read_at"];
                    (message["status"] == "read" && names.iter().all(|name| message[name].is_string())).then_some(())
                })
                .await;
            }
            assert_eq!(u64::try_from(fake.accepted().len()).unwrap(), count);
        }
    })
    .await;
}

/// Credentials that are refused put the line to rest; new ones wake it at once.
#[tokio::test(flavor = "multi_thread")]
async fn refused_credentials_wait_for_new_ones() {
    in_every_town(async |town| {
        for business in [town.meta(), town.twilio()] {
            town.fake(business).faults().push(Fault::Reject { kind: ErrorKind::Unauthenticated });
            let answer = business.client.send("0526666666", "סוד ישן").await;
            assert_eq!((&answer["status"], &answer["reason"]), (&json!("sending"), &json!("suspended")), "{answer}");
            Town::set_line(&business.client, &business.line).await;
            business.client.reaches(answer["id"].as_str().unwrap(), "sent").await;
            assert_eq!(taken(town, business, "סוד ישן"), 1);
        }
    })
    .await;
}
