//! What every sample means, and what every message looks like on the wire, as snapshots.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "test code; what is left out is said"
)]

#[path = "golden/comparison.rs"]
mod comparison;
#[path = "golden/sends.rs"]
mod sends;

use std::{
    fs,
    path::{Path, PathBuf},
};

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use insta::{assert_debug_snapshot, assert_json_snapshot};
use serde_json::{Value, json};
use whatsapp_core::{
    Content, CorrelationId, Envelope, Event, HmacSha256, Location, MediaFile, MediaKind, MediaSource, OutboundMessage,
    PhoneNumber, Reaction, Secret, Template, Text, UserId, WebhookExt, WebhookRequest, client::Answer,
};
use whatsapp_meta::{MetaBuilder, MetaConfigKey, decode, encode};

fn parse(body: &Bytes) -> whatsapp_core::Result<Vec<Envelope>> {
    let secret = "golden secret";
    let webhook = MetaBuilder::new().with_config(MetaConfigKey::AppSecret, secret).build_webhook().unwrap();
    let mac = HmacSha256::new([Secret::from(secret)]).unwrap().sign(&[body]);
    let mut headers = HeaderMap::new();
    headers.insert("x-hub-signature-256", format!("sha256={}", hex::encode(mac)).parse().unwrap());
    let request = WebhookRequest { method: &Method::POST, url: "https://shop.example/", headers: &headers, body };
    webhook.receive(request).unwrap()
}

/// Files of `folder` whose name begins with `prefix`, in order.
fn files(folder: &Path, prefix: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> =
        entries.filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with(prefix)).collect();
    files.sort();
    files
}

fn own() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// Lists of a value of which each item is an event, by field; where there are none, the change is one.
fn lists(field: &str) -> &'static [&'static str] {
    match field {
        "messages" => &["messages", "statuses", "errors", "user_actions"],
        "smb_message_echoes" | "message_echoes" => {
            &["messages", "statuses", "errors", "user_actions", "message_echoes"]
        }
        "standby" => &["messages", "statuses", "errors", "message_echoes"],
        "calls" => &["calls", "statuses"],
        "user_preferences" => &["user_preferences"],
        "smb_app_state_sync" => &["state_sync"],
        "automatic_events" => &["automatic_events"],
        "tracking_events" => &["events"],
        "group_lifecycle_update" | "group_participants_update" | "group_settings_update" | "group_status_update" => {
            &["groups"]
        }
        _ => &[],
    }
}

fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value[key].as_array().map(Vec::as_slice).unwrap_or_default()
}

/// How many events a change must give: one per item, and one more if anything else stands there.
fn of_change(change: &Value) -> usize {
    let field = change["field"].as_str().unwrap_or_default();
    let value = if field == "standby" { &change["value"]["standby"] } else { &change["value"] };
    if field == "history" {
        let of_part = |part: &Value| {
            let threads = list(part, "threads").iter().map(|thread| list(thread, "messages").len()).sum::<usize>();
            (threads + list(part, "errors").len()).max(1)
        };
        return list(value, "history").iter().map(of_part).sum::<usize>() + list(value, "messages").len();
    }
    let lists = lists(field);
    let items: usize = lists.iter().map(|key| list(value, key).len()).sum();
    let summary = usize::from(!value["conversation_context"].is_null() && field == "messages");
    let odd = lists.iter().any(|key| !value[*key].is_null() && !value[*key].is_array());
    let known = ["messaging_product", "metadata", "contacts", "conversation_context", "initiated_by"];
    // The failures of calls stand with the call that they end.
    let known = |name: &str| known.contains(&name) || (name == "errors" && field == "calls");
    let mut names = value.as_object().into_iter().flat_map(|value| value.keys().map(String::as_str));
    let more = !lists.is_empty() && names.any(|name| !known(name) && !lists.contains(&name));
    (items + summary).max(usize::from(!odd && !more)) + usize::from(odd || more)
}

/// How many events a body must give: those of its changes, else one per entry or body.
fn expected(body: &Value) -> usize {
    let of_entry = |entry: &Value| list(entry, "changes").iter().map(of_change).sum::<usize>().max(1);
    if body["object"] != "whatsapp_business_account" {
        return 1;
    }
    list(body, "entry").iter().map(of_entry).sum::<usize>().max(1)
}

/// Kinds of events that nobody can read, with the reason; everything else must be read.
const UNREADABLE: [(&str, &str); 5] = [
    ("brand_new_field_2027", "a field that Meta has not invented"),
    ("message.hologram", "a kind of message that Meta has not invented"),
    ("user_id_update", "announced in March 2026 and withdrawn in August"),
    ("standby", "an empty one, as Meta's own sample has it"),
    ("status.warning", "a state of 2022, of which nothing is documented"),
];

#[test]
fn webhooks() {
    for file in files(&own(), "webhook-") {
        let body = Bytes::from(fs::read(&file).unwrap());
        let events = parse(&body).unwrap();
        assert_eq!(events.len(), expected(&serde_json::from_slice(&body).unwrap()), "{}", file.display());
        let shown: Vec<_> = events
            .iter()
            .map(|envelope| {
                assert!(!envelope.raw.is_empty() && body.as_ptr_range().contains(&envelope.raw.as_ptr()), "a range");
                let mut shown = serde_json::to_value(envelope).unwrap();
                shown["event_id"] = envelope.event_id().as_str().into();
                shown
            })
            .collect();
        assert_json_snapshot!(file.file_stem().unwrap().to_str().unwrap(), shown);
    }
}

#[test]
fn extra_webhooks_lose_nothing() {
    let Some(folder) = whatsapp_core::testing::extra_fixtures("meta") else { return };
    let mut read = 0;
    for file in files(Path::new(&folder), "webhook-") {
        let name = file.file_stem().unwrap().to_str().unwrap();
        let body = Bytes::from(fs::read(&file).unwrap());
        let json: Value = serde_json::from_slice(&body).unwrap();
        if json.get("entry").is_none() {
            println!("{name}: not read: no whole body");
            continue;
        }
        let events = parse(&body).unwrap();
        assert_eq!(events.len(), expected(&json), "{name}");
        read += 1;
        for envelope in events {
            if let Event::Unknown(unknown) = envelope.event {
                let known = UNREADABLE.iter().find(|(kind, _)| *kind == &*unknown.kind);
                let (kind, reason) = known.unwrap_or_else(|| panic!("{name}: {unknown:?} is not read"));
                println!("{name}: {kind} is kept unread: {reason}");
            }
        }
    }
    println!("{read} files read");
}

#[test]
fn answers() {
    for file in files(&own(), "answer-") {
        let name = file.file_stem().unwrap().to_str().unwrap();
        let status: u16 = name.split('-').nth(1).unwrap().parse().unwrap();
        let body = Bytes::from(fs::read(&file).unwrap());
        let answer = Answer::new(StatusCode::from_u16(status).unwrap(), HeaderMap::new(), body);
        assert_debug_snapshot!(name, decode(&answer));
    }
}

#[test]
fn messages() {
    let dana: PhoneNumber = "+972541112233".parse().unwrap();
    let noa: UserId = "IL.44801234567890123456".parse().unwrap();
    let file = |kind| MediaFile::link(kind, "https://files.example/a%20b.bin?x=1&y=2").unwrap();
    let mut uploaded = file(MediaKind::Image);
    uploaded.source = MediaSource::Id("880000000000001".to_owned());
    let header = json!({"type": "header", "parameters": [{"type": "image", "image": {"id": "880000000000001"}}]});
    let contents: Vec<(&str, Content)> = vec![
        ("text", "שלום דנה! 👋🏽".into()),
        ("text-preview", Text::new("https://studio.example/").with_preview().into()),
        ("image", file(MediaKind::Image).with_caption("תפריט 📄").into()),
        ("image-id", uploaded.into()),
        ("video", file(MediaKind::Video).with_caption("").into()),
        ("audio", file(MediaKind::Audio).into()),
        ("document", file(MediaKind::Document).with_caption("הקבלה").with_file_name("קבלה.pdf").into()),
        ("sticker", file(MediaKind::Sticker).with_file_name("not sent").into()),
        ("template", Template::new("appointment_reminder", "he").into()),
        ("template-positional", Template::new("appointment_reminder", "he").with_parameters(["דנה", "10:00"]).into()),
        ("template-named", Template::new("welcome", "en_US").with_named([("first_name", "Dana")]).into()),
        (
            "template-components",
            Template::new("promo", "he").with_parameters(["דנה"]).with_components(vec![header]).into(),
        ),
        ("location", Location::new(32.0853, -34.0).with_name("הסטודיו").with_address("דיזנגוף 50").into()),
        ("location-bare", Location::new(0.0, 180.0).into()),
        ("reaction", Reaction::new("wamid.IN1==".into(), "👍").into()),
        ("reaction-removed", Reaction::removal("wamid.IN1==".into()).into()),
    ];
    for (name, content) in contents {
        let body = encode(&OutboundMessage::new(dana.clone(), content)).unwrap();
        assert_json_snapshot!(format!("message-{name}"), body);
    }
    let full = OutboundMessage::new(noa, "כן")
        .in_reply_to("wamid.IN1==".into())
        .with_correlation(CorrelationId::from_bytes([0xAB; 16]));
    assert_json_snapshot!("message-reply-to-user-id", encode(&full).unwrap());
}
