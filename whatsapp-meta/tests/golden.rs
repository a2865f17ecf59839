//! What every sample means, and what every message looks like on the wire, as snapshots.
#![expect(clippy::unwrap_used, reason = "test code")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use insta::{assert_debug_snapshot, assert_json_snapshot};
use serde_json::{Value, json};
use whatsapp_core::{
    Content, CorrelationId, Envelope, HmacSha256, Location, MediaFile, MediaKind, MediaSource, OutboundMessage,
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

/// How many events a body must give: one per item, else one per change, entry or body.
fn expected(body: &Value) -> usize {
    let list = |value: &Value, key: &str| value[key].as_array().cloned().unwrap_or_default();
    let of_change = |change: &Value| {
        let value = &change["value"];
        let keys = ["messages", "statuses", "errors"];
        let items: usize = keys.iter().map(|key| list(value, key).len()).sum();
        let odd = keys.iter().any(|key| !value[key].is_null() && !value[key].is_array());
        let known = ["messaging_product", "metadata", "contacts", "conversation_context"];
        let mut names = value.as_object().into_iter().flat_map(|value| value.keys().map(String::as_str));
        let more = names.any(|name| !known.contains(&name) && !keys.contains(&name));
        if odd || more { items + 1 } else { items.max(1) }
    };
    let of_entry = |entry: &Value| list(entry, "changes").iter().map(of_change).sum::<usize>().max(1);
    if body["object"] != "whatsapp_business_account" {
        return 1;
    }
    list(body, "entry").iter().map(of_entry).sum::<usize>().max(1)
}

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
    let Some(folder) = std::env::var_os("EXTRA_FIXTURES") else { return };
    let files = files(Path::new(&folder), "webhook-");
    let mut read = 0;
    for file in files {
        let body = Bytes::from(fs::read(&file).unwrap());
        let json: Value = serde_json::from_slice(&body).unwrap();
        if json.get("entry").is_none() {
            continue;
        }
        let events = parse(&body).unwrap();
        assert_eq!(events.len(), expected(&json), "{}", file.display());
        read += 1;
        for envelope in events {
            let (event, name) = (serde_json::to_value(&envelope.event).unwrap(), file.file_stem().unwrap());
            println!("{:<60} {:<10} {}", name.display(), event["event"], event["data"]["kind"]);
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
