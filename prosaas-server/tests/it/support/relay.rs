use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use axum::{
    Router,
    body::to_bytes,
    extract::{Request, State},
    http::{Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use whatsapp_core::testing::Stage;

/// Stands between the server and Twilio's API: counts the looks into the list of messages, and refuses them while told to.
#[derive(Debug)]
pub struct Relay {
    stage: Stage,
    passage: Arc<Passage>,
}

#[derive(Debug)]
struct Passage {
    to: String,
    client: reqwest::Client,
    closed: AtomicBool,
    looks: AtomicUsize,
}

impl Relay {
    /// Passes on to the API at `to`.
    pub async fn open(to: &str) -> Self {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let passage =
            Passage { to: to.to_owned(), client, closed: AtomicBool::default(), looks: AtomicUsize::default() };
        let passage = Arc::new(passage);
        let stage = Stage::open(Router::new().fallback(pass).with_state(Arc::clone(&passage))).await.unwrap();
        Self { stage, passage }
    }

    pub fn url(&self) -> String {
        self.stage.url()
    }

    /// Whether lists are refused from now on.
    pub fn close(&self, closed: bool) {
        self.passage.closed.store(closed, Ordering::Release);
    }

    /// How often a list was asked for.
    pub fn looks(&self) -> usize {
        self.passage.looks.load(Ordering::Acquire)
    }
}

async fn pass(State(passage): State<Arc<Passage>>, request: Request) -> Response {
    let is_list = request.method() == Method::GET && request.uri().path().ends_with("/Messages.json");
    if is_list {
        passage.looks.fetch_add(1, Ordering::AcqRel);
        if passage.closed.load(Ordering::Acquire) {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    }
    let (parts, body) = request.into_parts();
    let mut passed = passage.client.request(parts.method, format!("{}{}", passage.to, parts.uri));
    for name in [header::AUTHORIZATION, header::CONTENT_TYPE] {
        passed = passed.headers(parts.headers.get(&name).map(|value| (name, value.clone())).into_iter().collect());
    }
    // A connection that the stand-in cuts is answered as a broken gateway: no less uncertain.
    let Ok(answer) = passed.body(to_bytes(body, usize::MAX).await.unwrap()).send().await else {
        return StatusCode::BAD_GATEWAY.into_response();
    };
    let status = StatusCode::from_u16(answer.status().as_u16()).unwrap();
    (status, [(header::CONTENT_TYPE, "application/json")], answer.bytes().await.unwrap_or_default()).into_response()
}
