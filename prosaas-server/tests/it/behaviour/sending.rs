//! Everything that can be sent, and how callers ask for it.
use serde_json::{Value, json};
use whatsapp_core::{ErrorKind, testing::Fault};

use crate::support::{Business, Town, in_every_town};

const TO: &str = "0541234567";

/// What the provider took of this business, oldest first.
fn texts(town: &Town, business: &Business) -> Vec<String> {
    let accepted = town.fake(business).accepted().into_iter().filter(|taken| taken.line == business.line.line);
    accepted.filter_map(|taken| taken.text).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_is_one_message() {
    in_every_town(async |town| {
        // The same keys at every business: they are each business's own.
        for business in &town.businesses {
            let client = &business.client;
            let body = json!({ "to": TO, "text": "פעם אחת" });
            let key = [("idempotency-key", "order-17")];
            let send = || client.post_with("/api/whatsapp/send", &body, &key);
            let (first, second, third) = tokio::join!(send(), send(), send());
            let again = send().await;
            for (status, answer) in [&first, &second, &third, &again] {
                assert_eq!((*status, &answer["id"]), (200, &first.1["id"]), "{answer}");
            }
            assert_eq!(again.1["sid"], client.message(first.1["id"].as_str().unwrap()).await["provider_message_id"]);
            let other = json!({ "to": TO, "text": "משהו אחר" });
            let (status, error) = client.post_with("/api/whatsapp/send", &other, &key).await;
            assert_eq!((status, &error["code"]), (409, &json!("idempotency_key_reused")), "{error}");
            let (status, _) = client.post_with("/api/whatsapp/send", &other, &[("idempotency-key", "order-18")]).await;
            assert_eq!(status, 200);
            assert_eq!(texts(town, business), ["פעם אחת", "משהו אחר"]);
            let long = "k".repeat(256);
            for bad in ["", long.as_str()] {
                let (status, _) = client.post_with("/api/whatsapp/send", &other, &[("idempotency-key", bad)]).await;
                assert_eq!(status, 422);
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_choose_how_long_to_wait() {
    in_every_town(async |town| {
        for business in &town.businesses {
            let body = json!({ "to": TO, "text": "בלי לחכות" });
            let (status, answer) = business.client.post("/api/whatsapp/send?wait=0", &body).await;
            assert_eq!((status, &answer["ok"]), (200, &json!(true)), "{answer}");
            // Whoever does not wait may still find it under way already.
            assert!(matches!(answer["status"].as_str(), Some("queued" | "sending")), "{answer}");
            business.client.reaches(answer["id"].as_str().unwrap(), "sent").await;
            for bad in ["31", "-1", "soon"] {
                assert_eq!(
                    business.client.post(&format!("/api/whatsapp/send?wait={bad}"), &body).await.0,
                    422,
                    "{bad}"
                );
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_way_to_say_who() {
    in_every_town(async |town| {
        for business in &town.businesses {
            let client = &business.client;
            town.writes(business, "who-1", "972541234567", "זה אני");
            let contact = client.hears("זה אני").await;
            for (at, who) in [
                json!({ "to": "054-123-4567", "text": "0" }),
                json!({ "to": "+972 54 123 4567", "message": "1" }),
                json!({ "phoneNumber": "972541234567", "message": "2" }),
                json!({ "contactId": contact["contact_id"], "text": "3" }),
                json!({ "contactId": contact["contact_id"], "phoneNumber": "0541234567", "message": "4" }),
            ]
            .into_iter()
            .enumerate()
            {
                let (status, answer) = client.post("/api/whatsapp/send", &who).await;
                assert_eq!((status, &answer["status"]), (200, &json!("sent")), "{at}: {answer}");
                let message = client.message(answer["id"].as_str().unwrap()).await;
                assert_eq!(message["conversation_id"], contact["conversation_id"], "{who}");
                assert_eq!(message["phone_number"], "+972541234567", "{who}");
            }
            let mut all = texts(town, business);
            all.sort_unstable();
            assert_eq!(all, ["0", "1", "2", "3", "4"]);
            for (bad, field) in [
                (json!({ "text": "x" }), "to"),
                (json!({ "to": TO }), "text"),
                (json!({ "to": "050-CALL-NOW", "text": "x" }), "to"),
                (json!({ "to": "12", "text": "x" }), "to"),
                (json!({ "contactId": "con_zz", "text": "x" }), "contactId"),
                (json!({ "to": 5, "text": "x" }), "to"),
                (json!({ "to": TO, "text": ["x"] }), "text"),
            ] {
                let (status, error) = client.post("/api/whatsapp/send", &bad).await;
                assert_eq!(status, 422, "{bad}: {error}");
                assert!(error["fields"][field].is_string(), "`{field}` is not named: {bad}: {error}");
            }
            let (status, error) = client.post("/api/whatsapp/send", &json!({ "to": TO, "text": "" })).await;
            assert_eq!(status, 422, "{error}");
            let (status, error) =
                client.post("/api/whatsapp/send", &json!({ "to": TO, "text": "א".repeat(70_000) })).await;
            assert_eq!(status, 422, "{error}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_and_templates() {
    in_every_town(async |town| {
        for business in &town.businesses {
            let client = &business.client;
            let url = "https://files.example/%D7%AA%D7%9E%D7%95%D7%A0%D7%94.png?x=1&y=2";
            let body = json!({ "to": TO, "media_url": url, "caption": "כיתוב 📷" });
            let (status, answer) = client.post("/api/whatsapp/send_media", &body).await;
            assert_eq!((status, &answer["status"]), (200, &json!("sent")), "{answer}");
            let message = client.message(answer["id"].as_str().unwrap()).await;
            assert_eq!((&message["type"], &message["media_url"]), (&json!("image"), &json!(url)));
            assert_eq!(message["body"], "כיתוב 📷");
            let taken = town.fake(business).accepted().pop().unwrap();
            assert_eq!((taken.link.as_deref(), taken.text.as_deref()), (Some(url), Some("כיתוב 📷")));
            for bad in ["file:///etc/passwd", "not a link", ""] {
                let body = json!({ "to": TO, "media_url": bad });
                let (status, error) = client.post("/api/whatsapp/send_media", &body).await;
                assert_eq!(status, 422, "{bad}: {error}");
            }
            let (status, error) = client.post("/api/whatsapp/send_media", &json!({ "to": TO })).await;
            assert_eq!(status, 422);
            assert!(error["fields"]["media_url"].is_string(), "{error}");
            template(town, business).await;
        }
    })
    .await;
}

async fn template(town: &Town, business: &Business) {
    let client = &business.client;
    let name = if business.provider == whatsapp_twilio::ID {
        "HX00112233445566778899aabbccddeeff"
    } else {
        "appointment_reminder"
    };
    let body = json!({ "to": TO, "template": name, "variables": ["דנה", 10], "text": "שלום {{1}}, נתראה ב-{{2}}" });
    let (status, answer) = client.post("/api/whatsapp/send_template", &body).await;
    assert_eq!((status, &answer["status"]), (200, &json!("sent")), "{answer}");
    let message = client.message(answer["id"].as_str().unwrap()).await;
    assert_eq!((&message["type"], &message["body"]), (&json!("template"), &json!("שלום דנה, נתראה ב-10")));
    let taken = town.fake(business).accepted().pop().unwrap();
    if business.provider == whatsapp_baileys::ID {
        assert_eq!((taken.kind.as_str(), taken.text.as_deref()), ("text", Some("שלום דנה, נתראה ב-10")));
    } else {
        assert_eq!((taken.kind.as_str(), taken.text.as_deref()), ("template", Some(name)));
        assert_eq!(taken.parameters, ["דנה", "10"]);
    }
    let (status, error) = client.post("/api/whatsapp/send_template", &json!({ "to": TO })).await;
    assert_eq!(status, 422);
    assert!(error["fields"]["template"].is_string(), "{error}");
    if business.provider == whatsapp_baileys::ID {
        // Without its wording there is nothing to send.
        let (status, error) = client.post("/api/whatsapp/send_template", &json!({ "to": TO, "template": "x" })).await;
        assert_eq!(status, 422, "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_test_button_tells_the_truth() {
    in_every_town(async |town| {
        for business in &town.businesses {
            let client = &business.client;
            let (status, answer) = client.post("/api/whatsapp/test", &json!({ "to": TO })).await;
            assert_eq!((status, &answer["status"]), (200, &json!("ok")), "{answer}");
            let taken = town.fake(business).accepted().pop().unwrap();
            assert_eq!((&answer["sid"], &answer["provider"]), (&json!(taken.id), &json!(business.provider)));
            assert_eq!(taken.text.as_deref(), Some("היי, זו הודעת בדיקה מ-ProSaaS"));
            town.fake(business).faults().push(Fault::Reject { kind: ErrorKind::InvalidRecipient });
            let (status, error) = client.post("/api/whatsapp/test", &json!({ "to": TO, "text": "שוב" })).await;
            assert_eq!((status, &error["code"]), (422, &json!("invalid_recipient")), "{error}");
            town.fake(business).faults().push(Fault::RateLimit { retry_after: Some(1) });
            let (status, error) = client.post("/api/whatsapp/test", &json!({ "to": TO })).await;
            assert_ne!(status, 200, "{error}");
            assert_eq!(error["status"], Value::Null);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_provider_can_do() {
    in_every_town(async |town| {
        let expected = [(4096, true, json!(24)), (1600, true, json!(24)), (4096, false, Value::Null)];
        for (business, (most, templates, window)) in town.businesses.iter().zip(expected) {
            let (status, info) = business.client.get("/api/whatsapp/provider-info").await;
            assert_eq!(
                (status, &info["provider"], &info["configured"]),
                (200, &json!(business.provider), &json!(true))
            );
            let can = &info["capabilities"];
            assert_eq!((&can["text_max_chars"], &can["window_hours"]), (&json!(most), &window), "{info}");
            assert_eq!(can["templates"], json!(templates), "{info}");
            for name in ["media", "reply_buttons", "list_rows", "reactions", "replies", "typing"] {
                assert!(!can[name].is_null(), "{name}: {info}");
            }
            let hook = info["webhook_url"].as_str().unwrap();
            assert!(hook.starts_with(&town.server.origin), "{hook}");
            let (status, state) = business.client.get("/api/whatsapp/status").await;
            assert_eq!((status, &state["connected"]), (200, &json!(true)), "{state}");
            for name in ["pushName", "hasQR", "qr_available", "provider", "state"] {
                assert!(state.get(name).is_some(), "{name}: {state}");
            }
        }
    })
    .await;
}

/// A line that has much to send, and sends slowly, keeps nobody else waiting.
#[tokio::test(flavor = "multi_thread")]
async fn a_busy_line_hides_no_other() {
    in_every_town(async |town| {
        let (busy, other) = (&town.businesses[2].client, &town.businesses[0].client);
        for number in 0..300 {
            let body = json!({ "to": format!("+97250200{number:04}"), "text": "מבצע" });
            assert_eq!(busy.post("/api/whatsapp/send?wait=0", &body).await.0, 200);
        }
        let (status, answer) = other.post("/api/whatsapp/send", &json!({ "to": "0521234567", "text": "דחוף" })).await;
        assert_eq!((status, &answer["status"]), (200, &json!("sent")), "{answer}");
    })
    .await;
}
