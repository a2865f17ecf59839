//! Business A, signing correctly, changes nothing of business B; and its keys see nothing of it.
use std::fmt::Write;

use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use whatsapp_core::{
    Secret, Status,
    testing::{Inbound, Key, SignedRequest},
};

use crate::support::{Client, Town, by_bridge, by_meta, by_twilio, in_every_town};

/// Everything of the database that a webhook could change.
#[derive(Debug, PartialEq, Eq)]
struct Rows {
    applied: Vec<i64>,
    statuses: String,
    orphans: i64,
}

impl Rows {
    async fn of(town: &Town) -> Self {
        let connection = town.database.connect().await;
        let backend = connection.get_database_backend();
        let query = async |sql: String| connection.query_all_raw(Statement::from_string(backend, sql)).await.unwrap();
        let mut applied = Vec::new();
        for table in ["whatsapp_message", "customer", "customer_alias", "conversation", "lead", "event_log", "job"] {
            let rows = query(format!("SELECT COUNT(*) FROM {table}")).await;
            applied.push(rows[0].try_get_by_index(0).unwrap());
        }
        let statuses = query("SELECT status FROM whatsapp_message ORDER BY id".to_owned()).await;
        let statuses: Vec<String> = statuses.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
        let orphans = query("SELECT COUNT(*) FROM orphan".to_owned()).await;
        Self { applied, statuses: statuses.join(","), orphans: orphans[0].try_get_by_index(0).unwrap() }
    }
}

/// Delivers what must change nothing; `orphans` of it are kept.
async fn in_vain(town: &Town, webhook: &SignedRequest, expected: u16, orphans: i64, what: &str) {
    let before = Rows::of(town).await;
    let status = town.meta().client.deliver(webhook).await;
    assert_eq!(status, Some(expected), "{what}");
    // Longer than any event needs to be applied.
    tokio::time::sleep(std::time::Duration::from_millis(700)).await;
    let after = Rows::of(town).await;
    assert_eq!(after, Rows { orphans: before.orphans + orphans, ..before }, "{what}");
}

const META: &str = "/api/whatsapp/webhook/meta";

fn meta_text(line: &str, id: &str) -> String {
    json!({ "object": "whatsapp_business_account", "entry": [{ "id": "1", "changes": [{ "field": "messages", "value": {
        "messaging_product": "whatsapp",
        "metadata": { "display_phone_number": "1", "phone_number_id": line },
        "contacts": [{ "profile": { "name": "x" }, "wa_id": "972500000001" }],
        "messages": [{ "from": "972500000001", "id": id, "timestamp": "1760000000", "type": "text", "text": { "body": id } }],
    } }] }] })
    .to_string()
}

fn meta_status(line: &str, id: &str, correlation: Option<&str>) -> String {
    json!({ "object": "whatsapp_business_account", "entry": [{ "id": "1", "changes": [{ "field": "messages", "value": {
        "messaging_product": "whatsapp",
        "metadata": { "display_phone_number": "1", "phone_number_id": line },
        "statuses": [{
            "id": id, "status": "read", "timestamp": "1760000000", "recipient_id": "972501234567",
            "biz_opaque_callback_data": correlation,
        }],
    } }] }] })
    .to_string()
}

/// A business with a Meta line of these settings besides the usual; its own webhook's address.
async fn meta_business(town: &Town, number: &str, own: &[(&str, &str)]) -> String {
    let (id, client) = town.bare_business("A").await;
    let mut settings = json!({ "access_token": "token", "phone_number_id": number });
    settings.as_object_mut().unwrap().extend(own.iter().map(|(key, value)| ((*key).to_owned(), json!(value))));
    let body = json!({ "provider": "meta", "settings": settings });
    let (status, answer) = client.post("/api/whatsapp/config", &body).await;
    if own.iter().any(|(key, _)| *key == "app_secret") {
        assert_eq!(status, 200, "{answer}");
    } else {
        // Under the installation's secret a business gets no number that its token does not open; an operator may set it.
        assert_eq!(status, 422, "{answer}");
        let mut input = format!("access_token=token\nphone_number_id={number}\n");
        for (key, value) in own {
            writeln!(input, "{key}={value}").unwrap();
        }
        town.server.run(&["line", "set", "--business", &id, "--provider", "meta", "--json"], &input).await;
        // The running server sees it within a second.
        tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
    }
    let connection = town.database.connect().await;
    let sql = format!("SELECT hook_id FROM line WHERE external_id = '{number}'");
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let hook: String = connection.query_one_raw(statement).await.unwrap().unwrap().try_get_by_index(0).unwrap();
    town.url(&format!("{META}/{hook}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn meta_apps_speak_for_their_lines_only() {
    in_every_town(async |town| {
        let victim = town.meta();
        let number = victim.line.line.as_str();
        let sent = victim.client.send("972501234567", "של הקורבן").await;
        let sid = sent["sid"].as_str().unwrap();
        let correlation = town.fake(victim).accepted()[0].correlation.map(|id| id.to_string());
        let own = Secret::from("the secret of A's own app");
        let hook = meta_business(town, "777000001", &[("app_secret", own.expose())]).await;
        let vain = async |webhook, status, orphans, what| in_vain(town, &webhook, status, orphans, what).await;
        vain(by_meta(&hook, &own, meta_text(number, "wamid.forged")), 200, 1, "B's number").await;
        vain(by_meta(&hook, &own, meta_status(number, sid, None)), 200, 1, "a status of B's message by B's number")
            .await;
        vain(by_meta(&hook, &own, meta_status("777000001", sid, None)), 200, 0, "a status of B's message").await;
        let status = meta_status("777000001", "wamid.other", correlation.as_deref());
        vain(by_meta(&hook, &own, status), 200, 0, "B's correlation").await;
        vain(by_meta(&town.url(META), &own, meta_text(number, "wamid.x")), 401, 0, "A's secret, fixed address").await;
        let secret = &town.world.app_secret;
        vain(by_meta(&hook, secret, meta_text(number, "wamid.y")), 401, 0, "installation's secret, A's address").await;
        let text = meta_text("777000001", "wamid.z");
        vain(by_meta(&town.url(META), secret, text), 200, 1, "installation's secret, A's number").await;
        // A secret of A's own beside the installation's must not speak with the installation's voice.
        let previous = Secret::from("a previous secret of A's choice");
        let hook = meta_business(town, "777000002", &[("previous_app_secret", previous.expose())]).await;
        vain(by_meta(&hook, &previous, meta_text(number, "wamid.p")), 401, 0, "A's previous secret").await;
        // A's own number by A's own address works.
        let hook = meta_business(town, "777000003", &[("app_secret", own.expose())]).await;
        let before = Rows::of(town).await;
        assert_eq!(victim.client.deliver(&by_meta(&hook, &own, meta_text("777000003", "wamid.a"))).await, Some(200));
        tokio::time::sleep(std::time::Duration::from_millis(700)).await;
        assert_eq!(Rows::of(town).await.applied[0], before.applied[0] + 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn twilio_accounts_speak_for_their_lines_only() {
    in_every_town(async |town| {
        let victim = town.twilio();
        let sent = victim.client.send("972501234567", "של הקורבן").await;
        let sid = sent["sid"].as_str().unwrap();
        let theirs = victim.line.settings.get("account_sid").unwrap().expose().to_owned();
        let number = victim.line.line.as_str();
        let own = Secret::from("A's own token");
        let sets = async |account: &str, from: &str| {
            let (_, client) = town.bare_business("A").await;
            let settings = json!({ "account_sid": account, "auth_token": own.expose(), "from": from });
            let body = json!({ "provider": "twilio", "settings": settings });
            let (status, answer) = client.post("/api/whatsapp/config", &body).await;
            assert_eq!(status, 200, "{answer}");
        };
        let account = "AC0123456789abcdef0123456789abcdef";
        sets(account, "whatsapp:+15005550006").await;
        let inbound = town.url("/webhook/whatsapp/inbound");
        let text = |account: &str, id: &str| {
            let fields = [
                ("AccountSid", account),
                ("MessageSid", id),
                ("From", "whatsapp:+972500000001"),
                ("To", number),
                ("Body", "forged"),
                ("NumMedia", "0"),
                ("MessageType", "text"),
                ("WaId", "972500000001"),
            ];
            by_twilio(&inbound, &own, &fields)
        };
        in_vain(town, &text(account, "SM1"), 200, 1, "B's number").await;
        in_vain(town, &text(&theirs, "SM2"), 403, 0, "B's account, A's token").await;
        let status = town.url("/webhook/whatsapp/status");
        let fields = [
            ("AccountSid", account),
            ("MessageSid", sid),
            ("MessageStatus", "read"),
            ("From", number),
            ("To", "whatsapp:+972501234567"),
        ];
        in_vain(town, &by_twilio(&status, &own, &fields), 204, 1, "a status of B's message by B's number").await;
        let fields = [
            ("AccountSid", account),
            ("MessageSid", sid),
            ("MessageStatus", "read"),
            ("From", "whatsapp:+15005550006"),
            ("To", "whatsapp:+972501234567"),
        ];
        in_vain(town, &by_twilio(&status, &own, &fields), 204, 0, "a status of B's message").await;
        // Two accounts in one server: each is heard by its own token, and by no other's.
        let theirs_token = victim.line.settings.get("auth_token").unwrap();
        let mine = |token: &Secret, id: &str| {
            let fields = [
                ("AccountSid", account),
                ("MessageSid", id),
                ("From", "whatsapp:+972500000001"),
                ("To", "whatsapp:+15005550006"),
                ("Body", "mine"),
                ("NumMedia", "0"),
                ("MessageType", "text"),
                ("WaId", "972500000001"),
            ];
            by_twilio(&inbound, token, &fields)
        };
        in_vain(town, &mine(theirs_token, "SM4"), 403, 0, "A's account, B's token").await;
        let before = Rows::of(town).await;
        assert_eq!(victim.client.deliver(&mine(&own, "SM5")).await, Some(200));
        tokio::time::sleep(std::time::Duration::from_millis(700)).await;
        assert_eq!(Rows::of(town).await.applied[0], before.applied[0] + 1, "A's account by A's token");
        // A claims B's account as its own: the token still tells who speaks.
        sets(&theirs, "whatsapp:+15005550007").await;
        in_vain(town, &text(&theirs, "SM3"), 200, 1, "B's account claimed").await;
        // And B is still heard.
        town.writes(victim, "SM-real", "972500000009", "עדיין כאן");
        victim.client.hears("עדיין כאן").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bridges_speak_for_their_lines_only() {
    in_every_town(async |town| {
        let victim = town.baileys();
        let sent = victim.client.send("972501234567", "של הקורבן").await;
        let (a, _) = town.bare_business("A").await;
        let own = Secret::from("the secret of A's own bridge");
        let input = format!("tenant={a}\nsecret={}\nbase_url={}\n", own.expose(), town.fake(victim).url());
        town.server.run(&["line", "set", "--business", &a, "--provider", "baileys", "--json"], &input).await;
        // The running server sees it within a second.
        tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
        let url = town.url("/webhook/whatsapp/incoming");
        let fake = town.fake(victim);
        let body = |items: &[Inbound]| fake.webhooks(&victim.line.line, items, Key::Current)[0].body.clone();
        let text = body(&[Inbound::text("FORGED1", "972500000001", "forged")]);
        in_vain(town, &by_bridge(&url, &own, text.clone()), 401, 0, "B's tenant by A's secret").await;
        let status = body(&[Inbound::status(sent["sid"].as_str().unwrap(), "972501234567", Status::Read)]);
        in_vain(town, &by_bridge(&url, &own, status), 401, 0, "a status of B's message by A's secret").await;
        let twice = String::from_utf8(text.to_vec()).unwrap().replacen('{', &format!("{{\"tenantId\":\"{a}\","), 1);
        in_vain(town, &by_bridge(&url, &own, twice), 401, 0, "two tenants").await;
        let mine = String::from_utf8(text.to_vec()).unwrap().replace(victim.line.line.as_str(), &a);
        in_vain(
            town,
            &by_bridge(&url, &town.world.internal_secret, mine.clone()),
            200,
            1,
            "A's tenant by the installation's secret",
        )
        .await;
        let before = Rows::of(town).await;
        assert_eq!(victim.client.deliver(&by_bridge(&url, &own, mine)).await, Some(200));
        tokio::time::sleep(std::time::Duration::from_millis(700)).await;
        assert_eq!(Rows::of(town).await.applied[0], before.applied[0] + 1, "A's tenant by A's secret");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_see_their_own_business_only() {
    in_every_town(async |town| {
        for (a, b) in [(0, 1), (1, 2), (2, 0)].map(|(a, b)| (&town.businesses[a], &town.businesses[b])) {
            let (own, id) = (format!("של {}", a.provider), format!("isolated-{}", b.provider));
            let from = format!("97256222222{}", b.provider.as_str().len());
            a.client.send("0561111111", &own).await;
            town.writes(b, &id, &from, "סודי");
            let foreign = b.client.hears("סודי").await;
            let (message, conversation) = (foreign["id"].as_str().unwrap(), foreign["conversation_id"].as_str().unwrap());
            for (method, path) in [
                ("GET", format!("/api/whatsapp/messages/{message}/status")),
                ("POST", format!("/api/whatsapp/messages/{message}/read")),
                ("GET", format!("/api/conversations/{conversation}/messages")),
                ("POST", format!("/api/conversations/{conversation}/read")),
            ] {
                let (status, _) = a.client.raw(method, &path, &[], Vec::new()).await;
                assert_eq!(status, 404, "{method} {path}");
            }
            let contact = foreign["contact_id"].as_str().unwrap();
            let (_, page) = a.client.get(&format!("/api/whatsapp/messages?contactId={contact}")).await;
            assert_eq!(page["messages"], json!([]));
            let (_, page) = a.client.get(&format!("/api/whatsapp/messages?phoneNumber={from}")).await;
            assert_eq!(page["messages"], json!([]));
            let (status, error) = a.client.post("/api/whatsapp/send", &json!({ "contactId": contact, "text": "x" })).await;
            assert_eq!(status, 422, "{error}");
            a.client.post("/api/conversations/read-all", &json!({})).await;
            assert!(b.client.message(message).await["read_at"].is_null(), "nobody of B read it");
            for path in ["/api/whatsapp/messages?limit=200", "/api/conversations", "/api/events?limit=500", "/api/whatsapp/config"] {
                let text = a.client.get(path).await.1.to_string();
                for mark in [message, conversation, contact, from.as_str(), b.line.line.as_str()] {
                    assert!(!text.contains(mark), "{mark} at {path}");
                }
            }
        }
        // The tenant comes from the key and from nowhere else.
        let [a, b] = [town.meta(), town.twilio()];
        let headers = [("x-tenant-id", b.id.as_str()), ("x-business-id", b.id.as_str())];
        let (_, text) = a.client.raw("GET", &format!("/api/business/settings?business={}", b.id), &headers, Vec::new()).await;
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap()["id"], json!(a.id));
        // A number that one business uses is not another's to take.
        let body = json!({ "provider": "twilio", "settings": { "account_sid": "ACx", "auth_token": "x", "from": b.line.line } });
        let (status, error) = a.client.post("/api/whatsapp/config", &body).await;
        assert_eq!((status, &error["code"]), (409, &json!("number_taken")), "{error}");
        assert_eq!(b.client.send("0563333333", "still mine").await["status"], "sent");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_are_no_keys() {
    in_every_town(async |town| {
        let business = town.meta();
        let revoked = town.key(&business.id, "read").await;
        assert_eq!(revoked.get("/api/events").await.0, 200);
        let connection = town.database.connect().await;
        let sql = "UPDATE api_key SET revoked_at = CURRENT_TIMESTAMP WHERE scopes = 'read'";
        connection.execute_unprepared(sql).await.unwrap();
        assert_eq!(revoked.get("/api/events").await.0, 401, "revoked");
        for key in ["psk_", "psk_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "x", "psk_' OR 1=1 --"] {
            let (status, error) = Client::new(&town.server.origin, key).get("/api/events").await;
            assert_eq!((status, &error["code"]), (401, &json!("unauthenticated")), "{key}: {error}");
        }
        assert_eq!(business.client.stranger().get("/api/events").await.0, 401);
        for header in ["Basic eDp4", "Bearer", "Bearer  ", "psk_x"] {
            let (status, _) =
                business.client.stranger().raw("GET", "/api/events", &[("authorization", header)], Vec::new()).await;
            assert_eq!(status, 401, "{header}");
        }
        // A business that was switched off has no keys.
        let sql = "UPDATE business SET active = FALSE WHERE name = 'Gone'";
        let (_, gone) = town.bare_business("Gone").await;
        assert_eq!(gone.get("/api/events").await.0, 200);
        connection.execute_unprepared(sql).await.unwrap();
        assert_eq!(gone.get("/api/events").await.0, 401);
    })
    .await;
}
