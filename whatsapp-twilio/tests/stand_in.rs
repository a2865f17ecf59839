//! The fake: refuses what Twilio refuses, and posts what it posts.
#![expect(clippy::unwrap_used, reason = "test code")]

use std::time::Duration;

use serde_json::{Value, json};
use whatsapp_core::{
    CorrelationId, Event, LineId, OutboundMessage, PhoneNumber, Sender, SenderExt, Status, WebhookExt, WebhookRequest,
    testing::{Fake, Fault, Inbound, Key},
};
use whatsapp_twilio::{TwilioBuilder, TwilioFake, TwilioFakeConfig, connect};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

const LINE: &str = "whatsapp:+14155550100";

fn noa() -> PhoneNumber {
    "+972509876543".parse().unwrap()
}

async fn fake() -> TwilioFake {
    let api_key = Some(("SK1".to_owned(), "key secret".into()));
    TwilioFake::start(TwilioFakeConfig { api_key, ..TwilioFakeConfig::default() }).await.unwrap()
}

async fn call(request: reqwest::RequestBuilder) -> (u16, Value) {
    let config = TwilioFakeConfig::default();
    let request = request.basic_auth(config.account_sid, Some(config.auth_token.expose()));
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap())
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

fn messages(fake: &TwilioFake) -> String {
    format!("{}/2010-04-01/Accounts/{}/Messages.json", fake.url(), TwilioFakeConfig::default().account_sid)
}

#[tokio::test]
async fn refuses_what_twilio_refuses() {
    let fake = fake().await;
    let long = "א".repeat(1601);
    let good = [("To", "whatsapp:+972509876543"), ("From", LINE), ("Body", "x")];
    let content = "HXd1ce0000d1ce0000d1ce0000d1ce0000";
    let cases: Vec<(i64, Vec<(&str, &str)>)> = vec![
        (21604, vec![("From", LINE), ("Body", "x")]),
        (21211, vec![("To", "whatsapp:0501234567"), ("From", LINE), ("Body", "x")]),
        (21211, vec![("To", "+972509876543"), ("From", LINE), ("Body", "x")]),
        (21603, vec![("To", "whatsapp:+972509876543"), ("Body", "x")]),
        (63007, vec![("To", "whatsapp:+972509876543"), ("From", "whatsapp:+1"), ("Body", "x")]),
        (21705, vec![("To", "whatsapp:+972509876543"), ("MessagingServiceSid", "x"), ("Body", "x")]),
        (63031, vec![("To", LINE), ("From", LINE), ("Body", "x")]),
        (21602, good[..2].to_vec()),
        (21617, vec![good[0], good[1], ("Body", &long)]),
        (21620, vec![good[0], good[1], ("MediaUrl", "file:///etc/passwd")]),
        (21655, vec![good[0], good[1], ("ContentSid", "HX1")]),
        (63030, vec![good[0], good[1], good[2], ("ContentSid", content)]),
        (21656, vec![good[0], good[1], ("ContentSid", content), ("ContentVariables", "{\"1\":1}")]),
        (21609, vec![good[0], good[1], good[2], ("StatusCallback", "studio")]),
        (20422, vec![good[0], good[1], good[2], ("PersistentAction", "geo:here")]),
        (20001, vec![good[0], good[1], good[2], ("Boddy", "x")]),
        (20001, vec![good[0], good[1], good[2], good[2]]),
    ];
    let form = |pairs: &[(&str, &str)]| form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let post =
        |body: String, kind: &str| client().post(messages(&fake)).header("content-type", kind.to_owned()).body(body);
    let form_type = "application/x-www-form-urlencoded";
    for (code, pairs) in &cases {
        let (status, body) = call(post(form(pairs), form_type)).await;
        assert_eq!((status, body["code"].as_i64()), (400, Some(*code)), "{pairs:?}");
    }
    let (_, body) = call(post(form(&good), "application/json")).await;
    assert_eq!(body["code"], 21604, "not a form");
    assert_eq!((fake.requests(), fake.accepted().len()), (cases.len() + 1, 0));
    let (status, body) = call(post(form(&good), form_type)).await;
    assert_eq!((status, &body["status"]), (201, &json!("queued")));

    let wrong = client().post(messages(&fake)).basic_auth("AC1", Some("x")).send().await.unwrap();
    assert_eq!((wrong.status().as_u16(), wrong.headers().contains_key("www-authenticate")), (401, true));
    let url = messages(&fake).replace("ACfa", "ACfb");
    assert_eq!(call(client().get(url)).await.0, 403, "another account");
    let nowhere = call(client().get(format!("{}/nowhere", fake.url()))).await;
    assert_eq!((nowhere.0, &nowhere.1["code"]), (404, &json!(20404)));
}

#[tokio::test]
async fn shows_what_it_took() {
    let fake = fake().await;
    let line = connect(&fake.settings(LINE)).unwrap();
    let first = line.send_text(noa(), "אחת").await.unwrap().id;
    let second = line.send_text(noa(), "שתיים").await.unwrap().id;
    let (_, list) = call(client().get(messages(&fake))).await;
    assert_eq!([&list["messages"][0]["sid"], &list["messages"][1]["sid"]], [second.as_str(), first.as_str()]);
    let one = |id: &str| client().get(messages(&fake).replace(".json", &format!("/{id}.json")));
    assert_eq!(call(one(first.as_str())).await.1["body"], "אחת");
    assert_eq!(call(one("SM0")).await.0, 404);
    assert!(line.probe().unwrap().probe().await.unwrap().passed());

    let mut by_key = fake.settings(LINE);
    by_key.set("api_key_sid", "SK1");
    by_key.set("api_key_secret", "key secret");
    let by_key = connect(&by_key).unwrap();
    assert!(by_key.probe().unwrap().probe().await.unwrap().passed());
    by_key.send_text(noa(), "שלוש").await.unwrap();
    let mut wrong = fake.settings(LINE);
    wrong.set("auth_token", "wrong");
    assert!(!connect(&wrong).unwrap().probe().unwrap().probe().await.unwrap().passed());
}

async fn eventually(server: &MockServer, count: usize) -> Vec<wiremock::Request> {
    for _ in 0..100 {
        let seen = server.received_requests().await.unwrap();
        if seen.len() >= count {
            return seen;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    server.received_requests().await.unwrap()
}

#[tokio::test]
async fn statuses_follow_to_the_callback_with_the_correlation() {
    let (fake, server) = (fake().await, MockServer::start().await);
    Mock::given(any()).respond_with(ResponseTemplate::new(204)).mount(&server).await;
    let unheard = connect(&fake.settings(LINE)).unwrap();
    fake.set_webhook_target(&format!("{}/", server.uri()));
    fake.follow_with(vec![Status::Sent, Status::Played, Status::Failed]);
    unheard.send_text(noa(), "no callback, no status").await.unwrap();

    let settings = fake.settings(LINE);
    let mut impatient = settings.clone();
    impatient.set("timeout_seconds", "0.3");
    let id = CorrelationId::from_bytes([9; 16]);
    fake.faults().push(Fault::HangAfterAccept);
    let lost = OutboundMessage::new(noa(), "the answer is lost").with_correlation(id);
    connect(&impatient).unwrap().send(&lost).await.unwrap_err();

    let seen = eventually(&server, 2).await;
    assert_eq!(seen.len(), 2);
    let webhook = TwilioBuilder::from_settings(&settings).unwrap().build_webhook().unwrap();
    let mut statuses = Vec::new();
    for request in &seen {
        assert_eq!(request.headers["user-agent"], "TwilioProxy/1.1");
        assert!(request.headers.contains_key("i-twilio-idempotency-token"));
        let url = format!("{}{}?{}", server.uri(), request.url.path(), request.url.query().unwrap());
        let (method, headers, body) = (request.method.clone(), request.headers.clone(), request.body.clone().into());
        let request = WebhookRequest { method: &method, url: &url, headers: &headers, body: &body };
        let events = webhook.receive(request).unwrap().unwrap();
        let Event::Status(update) = &events[0].event else { unreachable!("{events:?}") };
        assert_eq!((update.correlation, events[0].line.as_str()), (Some(id), LINE));
        assert_eq!(update.id, fake.accepted()[1].id, "tells the id that the lost answer held");
        assert_eq!(update.recipient.as_ref().unwrap().phone(), Some(noa()));
        statuses.push(update.status);
    }
    statuses.sort();
    assert_eq!(statuses, [Status::Sent, Status::Failed]);
}

#[tokio::test]
async fn webhooks_are_delivered_until_they_are_taken() {
    let (fake, server) = (fake().await, MockServer::start().await);
    fake.set_webhook_target(&server.uri());
    Mock::given(any()).respond_with(ResponseTemplate::new(503)).up_to_n_times(2).mount(&server).await;
    Mock::given(any()).respond_with(ResponseTemplate::new(200)).mount(&server).await;
    fake.deliver(&LineId::from(LINE), &[Inbound::text("SM7", "972509876543", "היי")]);
    let seen = eventually(&server, 3).await;
    assert_eq!(seen.len(), 3);
    assert!(
        seen.iter().all(|request| request.url.path() == "/webhook/whatsapp/inbound" && request.body == seen[0].body)
    );
}

#[tokio::test]
async fn somebody_may_hide_the_number() {
    let fake = fake().await;
    let items = [Inbound::text("SM7", "IL.77ab", "היי"), Inbound::status("SM8", "IL.77ab", Status::Read)];
    let webhook = TwilioBuilder::from_settings(&fake.settings(LINE)).unwrap().build_webhook().unwrap();
    for request in fake.webhooks(&LineId::from(LINE), &items, Key::Current) {
        let events = webhook.receive(request.as_request()).unwrap().unwrap();
        let peer = events[0].peer().unwrap();
        assert_eq!((peer.phone(), peer.key().value()), (None, "IL.77ab"));
    }
}
