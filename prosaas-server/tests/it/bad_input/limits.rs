//! Sizes, encodings, shapes and speeds.
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{Kept, text, token};
use crate::support::{Town, by_bridge, by_meta, by_twilio, eventually, in_every_town, post_from_afar};

const MIB: usize = 1024 * 1024;

#[tokio::test(flavor = "multi_thread")]
async fn sizes() {
    in_every_town(async |town| {
        let meta = town.url("/api/whatsapp/webhook/meta");
        let empty = r#"{"object":"whatsapp_business_account","entry":[]}"#;
        let padded = |size: usize| format!("{empty}{}", " ".repeat(size - empty.len()));
        for (size, expected) in [(4 * MIB - 1, 200), (4 * MIB, 200), (4 * MIB + 1, 413)] {
            let webhook = by_meta(&meta, &town.world.app_secret, padded(size));
            // On a busy machine the largest may not be stored in time; a provider comes again, too.
            let status = eventually("an answer", Duration::from_secs(20), async || {
                Some(post_from_afar(&webhook).await.0).filter(|status| *status != 503)
            })
            .await;
            assert_eq!((webhook.body.len(), status), (size, expected), "Meta");
        }
        let inbound = town.url("/webhook/whatsapp/inbound");
        let account = town.twilio().line.settings.get("account_sid").unwrap().expose().to_owned();
        for (size, expected) in [(256 * 1024 - 1, 200), (256 * 1024, 200), (256 * 1024 + 1, 413)] {
            let form = |filler: &str| {
                by_twilio(&inbound, &token(town.twilio()), &[("AccountSid", account.as_str()), ("X", filler)])
            };
            let webhook = form(&"x".repeat(size - form("").body.len()));
            assert_eq!((webhook.body.len(), post_from_afar(&webhook).await.0), (size, expected), "Twilio");
        }
        let bridge = town.url("/webhook/whatsapp/incoming");
        let webhook = by_bridge(&bridge, &town.world.internal_secret, " ".repeat(4 * MIB + 1));
        assert_eq!(post_from_afar(&webhook).await.0, 413, "bridge");
        let client = &town.meta().client;
        let body = json!({ "to": "0581234567", "text": "גודל" }).to_string();
        for (size, expected) in [(MIB - 1, 200), (MIB, 200), (MIB + 1, 413)] {
            let body = format!("{body}{}", " ".repeat(size - body.len()));
            let (status, text) = client.raw("POST", "/api/whatsapp/send", &[], body.into_bytes()).await;
            assert_eq!(status, expected, "API: {text}");
        }
        chunked(town).await;
    })
    .await;
}

/// A body that does not say its length is measured as it comes.
async fn chunked(town: &Town) {
    let address = town.server.origin.strip_prefix("http://").unwrap();
    let mut socket = TcpStream::connect(address).await.unwrap();
    let head = "POST /api/whatsapp/webhook/meta HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n";
    socket.write_all(head.as_bytes()).await.unwrap();
    let chunk = [format!("{MIB:x}\r\n").into_bytes(), vec![b' '; MIB], b"\r\n".to_vec()].concat();
    let mut answer = vec![0; 12];
    for _ in 0..6 {
        if socket.write_all(&chunk).await.is_err() {
            break;
        }
    }
    socket.read_exact(&mut answer).await.unwrap();
    assert_eq!(String::from_utf8_lossy(&answer), "HTTP/1.1 413");
}

#[tokio::test(flavor = "multi_thread")]
async fn shapes() {
    in_every_town(async |town| {
        let client = &town.meta().client;
        for bad in ["", "{", "nonsense", "{\"to\":\"0581234567\",\"text\":\"x\"} more", "{\"to\":\"\u{1}\"}"] {
            let (status, text) = client.raw("POST", "/api/whatsapp/send", &[], bad.as_bytes().to_vec()).await;
            assert_eq!(status, 400, "{bad}: {text}");
            assert!(text.contains("invalid_json"), "{text}");
        }
        let (status, _) =
            client.raw("POST", "/api/whatsapp/send", &[], b"{\"to\":\"\xff\",\"text\":\"x\"}".to_vec()).await;
        assert_eq!(status, 400, "not UTF-8");
        for bad in ["[]", "5", "null", "{}", "{\"to\":\"0581234567\"}"] {
            let (status, text) = client.raw("POST", "/api/whatsapp/send", &[], bad.as_bytes().to_vec()).await;
            assert_eq!(status, 422, "{bad}: {text}");
        }
        let before = Kept::of(town).await;
        for business in &town.businesses {
            let mut webhook = text(town, business, "compressed");
            for encoding in ["gzip", "br", "deflate"] {
                webhook.headers.insert("content-encoding", encoding.parse().unwrap());
                assert_eq!(post_from_afar(&webhook).await.0, 415, "{} {encoding}", business.provider);
            }
        }
        assert_eq!(Kept::of(town).await, before);
        let headers = [("content-encoding", "gzip")];
        let (status, _) = client.raw("POST", "/api/whatsapp/send", &headers, b"{}".to_vec()).await;
        assert_eq!(status, 415);
        for id in ["x", "msg_", "msg_zz", "conv_00000000000000000000000000000000", "%00", "..%2f", "msg_%F0%9F%99%82"] {
            assert_eq!(client.get(&format!("/api/whatsapp/messages/{id}/status")).await.0, 404, "{id}");
        }
    })
    .await;
}

/// How long the server leaves a connection open that says `words` and no more.
async fn patience(town: &Town, words: &str) -> Duration {
    let address = town.server.origin.strip_prefix("http://").unwrap();
    let mut socket = TcpStream::connect(address).await.unwrap();
    let began = Instant::now();
    socket.write_all(words.as_bytes()).await.unwrap();
    let mut rest = Vec::new();
    let ended = tokio::time::timeout(Duration::from_secs(30), socket.read_to_end(&mut rest)).await;
    assert!(ended.is_ok(), "still open after 30 s: {words:?}");
    began.elapsed()
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_connections_are_cut() {
    in_every_town(async |town| {
        let slow_body =
            "POST /api/whatsapp/webhook/meta HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\nconnection: close\r\n\r\nab";
        let (header, nothing, body) = tokio::join!(
            patience(town, "GET /healthz HTTP/1.1\r\nhost: x\r\nx-slow: "),
            patience(town, ""),
            patience(town, slow_body),
        );
        assert!(header < Duration::from_secs(12) && header > Duration::from_secs(5), "{header:?}");
        assert!(nothing < Duration::from_secs(12), "{nothing:?}");
        assert!(body < Duration::from_secs(18), "{body:?}");
        assert_eq!(town.meta().client.stranger().get("/healthz").await.0, 200);
    })
    .await;
}
