//! What the server does for a business, step by step, on each provider: real HTTP, real signatures, real databases.
//! People read its lines, too.
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use whatsapp_core::{
    Status,
    testing::{Inbound, Key, SignedRequest},
};

use crate::support::{Business, Town, databases, eventually};

const CONTACT: &str = "972501234567";
const HELLO: &str = "היי, אפשר לקבוע תור ליום ראשון? 🙂👩‍👩‍👧 «ñ» ‏RTL‏";
const REPLY: &str = "בשמחה! נתראה ב-10:30 💐";

#[tokio::test(flavor = "multi_thread")]
async fn tour() {
    for database in databases().await {
        println!("\n== {} ==", if database.is_postgres() { "PostgreSQL" } else { "SQLite" });
        let town = Town::start(database).await;
        for business in &town.businesses {
            println!("\n-- {} --", business.provider);
            let visit = Visit { town: &town, business };
            visit.a_contact_writes().await;
            visit.a_batch_arrives().await;
            visit.the_same_comes_again().await;
            let sent = visit.an_agent_replies().await;
            visit.statuses_come_in_any_order(&sent).await;
            visit.the_provider_is_switched(&sent).await;
        }
    }
}

struct Visit<'t> {
    town: &'t Town,
    business: &'t Business,
}

impl Visit<'_> {
    fn tell(&self, text: &str) {
        println!("  {:<8} ✓ {text}", self.business.provider.to_string());
    }

    fn webhooks(&self, items: &[Inbound]) -> Vec<SignedRequest> {
        self.town.fake(self.business).webhooks(&self.business.line.line, items, Key::Current)
    }

    async fn deliver(&self, webhook: &SignedRequest) {
        let status = self.business.client.deliver(webhook).await;
        assert!(matches!(status, Some(200..=299)), "{}: {status:?}", self.business.provider);
    }

    /// How often a message with this body is listed.
    async fn listed(&self, body: &str) -> usize {
        self.business.client.inbound_bodies().await.iter().filter(|known| *known == body).count()
    }

    async fn a_contact_writes(&self) {
        let item = Inbound::Text {
            id: "tour-hello".to_owned(),
            from: CONTACT.to_owned(),
            name: Some("דנה כהן 🌸".to_owned()),
            body: HELLO.to_owned(),
        };
        for webhook in self.webhooks(&[item]) {
            self.deliver(&webhook).await;
        }
        let message = self.business.client.hears(HELLO).await;
        assert_eq!(message["provider"], self.business.provider.as_str());
        assert_eq!(message["phone_number"], format!("+{CONTACT}"));
        let (_, page) = self.business.client.get("/api/conversations").await;
        assert_eq!(page["conversations"][0]["contact"]["name"], "דנה כהן 🌸", "{page}");
        assert_eq!(page["conversations"][0]["last_text"], HELLO);
        self.tell("a contact's message, Hebrew and emoji, is verified, stored and listed");
    }

    /// Meta sends up to 3 MB at once.
    async fn a_batch_arrives(&self) {
        if self.business.provider != whatsapp_meta::ID {
            return;
        }
        let long = "שלום 🙂 ".repeat(130);
        let items: Vec<_> = (0..500)
            .map(|at| {
                Inbound::text(
                    &format!("tour-batch-{at}"),
                    &format!("9725200000{:02}", at % 20),
                    &format!("{at} {long}"),
                )
            })
            .collect();
        let webhooks = self.webhooks(&items);
        let [batch] = webhooks.as_slice() else { panic!("one POST expected") };
        assert!(batch.body.len() > 2_500_000, "{} bytes", batch.body.len());
        let unread = async || self.business.client.get("/api/whatsapp/unread-count").await.1["count"].as_i64().unwrap();
        let before = unread().await;
        let began = Instant::now();
        self.deliver(batch).await;
        let answered = began.elapsed();
        let began = Instant::now();
        eventually("the batch", Duration::from_secs(20), async || (unread().await == before + 500).then_some(())).await;
        let applied = began.elapsed();
        let mut bodies = self.business.client.inbound_bodies().await;
        bodies.retain(|body| body.ends_with(&long));
        bodies.sort_unstable();
        bodies.dedup();
        assert_eq!(bodies.len(), 500, "each once");
        self.tell(&format!(
            "a batch of 500 messages ({:.1} MB) is answered in {answered:.0?}; all are listed {applied:.0?} later",
            f64::from(u32::try_from(batch.body.len()).unwrap()) / 1e6,
        ));
        assert!(applied < Duration::from_millis(600), "the last message is listed {applied:?} after the 200");
    }

    async fn the_same_comes_again(&self) {
        for webhook in self.webhooks(&[Inbound::text("tour-hello", CONTACT, HELLO)]) {
            self.deliver(&webhook).await;
            self.deliver(&webhook).await;
        }
        let body = "שמונה פעמים 🎱";
        for webhook in &self.webhooks(&[Inbound::text("tour-eight", CONTACT, body)]) {
            let deliver = || self.deliver(webhook);
            tokio::join!(deliver(), deliver(), deliver(), deliver(), deliver(), deliver(), deliver(), deliver());
        }
        self.business.client.hears(body).await;
        // What comes after is applied after: had anything been stored twice, it would be listed by now.
        for webhook in self.webhooks(&[Inbound::text("tour-after", CONTACT, "אחרי")]) {
            self.deliver(&webhook).await;
        }
        self.business.client.hears("אחרי").await;
        assert_eq!((self.listed(HELLO).await, self.listed(body).await), (1, 1));
        self.tell("the same webhook twice, and eight times at once, is one message");
    }

    /// The answer to the send.
    async fn an_agent_replies(&self) -> Value {
        let fake = self.town.fake(self.business);
        let before = fake.accepted().len();
        let sent = self.business.client.send("050-123-4567", REPLY).await;
        let accepted = fake.accepted();
        let [taken] = &accepted[before..] else { panic!("one message expected: {accepted:?}") };
        assert_eq!((taken.text.as_deref(), taken.to.as_str()), (Some(REPLY), CONTACT));
        assert_eq!(
            (&sent["ok"], &sent["provider"], &sent["status"], &sent["sid"]),
            (&json!(true), &json!(self.business.provider), &json!("sent"), &json!(taken.id)),
            "{sent}"
        );
        let message = self.business.client.message(sent["id"].as_str().unwrap()).await;
        assert_eq!((&message["body"], &message["provider_message_id"]), (&json!(REPLY), &json!(taken.id)));
        self.tell("a reply reaches the provider unchanged; the answer has its id");
        sent
    }

    async fn statuses_come_in_any_order(&self, sent: &Value) {
        let (id, sid) = (sent["id"].as_str().unwrap(), sent["sid"].as_str().unwrap());
        for status in [Status::Read, Status::Delivered, Status::Sent] {
            for webhook in self.webhooks(&[Inbound::status(sid, CONTACT, status)]) {
                self.deliver(&webhook).await;
            }
        }
        eventually("read, with all times", Duration::from_secs(5), async || {
            let message = self.business.client.message(id).await;
            let timed = ["sent_at", "delivered_at", "read_at"].iter().all(|name| message[name].is_string());
            (timed && message["status"] == "read").then_some(())
        })
        .await;
        self.tell("read, delivered and sent, told in this order, end as read with all three times");
    }

    /// A second line of another provider; the numbers of Meta and Twilio are taken, so one is handed on.
    async fn second_line(&self) -> Business {
        let client = &self.business.client;
        let line = if self.business.provider == whatsapp_baileys::ID {
            let former = &self.town.twilio().client;
            let (status, answer) = former.delete("/api/whatsapp/config?provider=twilio").await;
            assert_eq!(status, 200, "{answer}");
            self.town.world.twilio.clone()
        } else {
            self.town.world.link_phone(&self.business.id, "Second phone")
        };
        Town::set_line(client, &line).await;
        Business { provider: line.provider.clone(), line, ..self.business.clone() }
    }

    async fn the_provider_is_switched(&self, before: &Value) {
        let (client, other) = (&self.business.client, self.second_line().await);
        let first = client.message(before["id"].as_str().unwrap()).await;
        for (step, to) in [&other, self.business].into_iter().enumerate() {
            client.choose(to.provider.as_str()).await;
            let text = format!("הודעה {step} דרך {}", to.provider);
            let sent = client.send("+972 50 123 4567", &text).await;
            assert_eq!((&sent["provider"], &sent["status"]), (&json!(to.provider), &json!("sent")), "{sent}");
            let accepted = self.town.fake(to).accepted();
            let taken =
                accepted.iter().filter(|taken| taken.line == to.line.line && taken.text.as_deref() == Some(&text));
            assert_eq!(taken.count(), 1, "at {}", to.provider);
            let message = client.message(sent["id"].as_str().unwrap()).await;
            assert_eq!(message["conversation_id"], first["conversation_id"]);
        }
        self.tell(&format!(
            "switched to {} and back: the next message goes there, the conversation stays",
            other.provider
        ));
    }
}
