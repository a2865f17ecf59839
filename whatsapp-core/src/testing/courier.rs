use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, Method};

use super::{Fault, FaultQueue};
use crate::WebhookRequest;

/// A webhook, signed and owned.
#[derive(Clone, Debug)]
pub struct SignedRequest {
    /// HTTP method.
    pub method: Method,
    /// The address it was signed for.
    pub url: String,
    /// Headers, the signature among them.
    pub headers: HeaderMap,
    /// Raw body.
    pub body: Bytes,
}

impl SignedRequest {
    /// As a request to verify.
    #[must_use]
    pub fn as_request(&self) -> WebhookRequest<'_> {
        WebhookRequest { method: &self.method, url: &self.url, headers: &self.headers, body: &self.body }
    }
}

/// How a provider delivers a webhook again that was not answered with 2xx.
#[derive(Clone, Copy, Debug)]
pub struct Redelivery {
    /// Pause before the second try; doubles each time.
    pub first: Duration,
    /// Longest pause.
    pub longest: Duration,
    /// Most tries in all.
    pub tries: u32,
    /// Longest wait for an answer.
    pub timeout: Duration,
}

/// Delivers a fake's webhooks as its provider does. Clones share their state.
#[derive(Clone, Debug)]
pub struct Courier {
    client: reqwest::Client,
    redelivery: Redelivery,
    faults: FaultQueue,
    held: Arc<Mutex<Option<SignedRequest>>>,
    under_way: Arc<AtomicUsize>,
}

impl Courier {
    /// A courier that takes its faults from `faults`.
    ///
    /// # Errors
    /// If the HTTP client cannot start.
    pub fn new(redelivery: Redelivery, faults: FaultQueue) -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(redelivery.timeout)
            .build()?;
        Ok(Self { client, redelivery, faults, held: Arc::default(), under_way: Arc::default() })
    }

    /// Delivers `request` in the background until it is answered with 2xx or the tries are used up.
    pub fn deliver(&self, request: SignedRequest) {
        match self.faults.next_of_webhooks() {
            Some(Fault::ReorderWebhook) => {
                let waited = self.held.lock().unwrap_or_else(PoisonError::into_inner).replace(request);
                if let Some(waited) = waited {
                    self.start(waited);
                }
                return;
            }
            Some(Fault::DuplicateWebhook) => self.start(request.clone()),
            _ => {}
        }
        self.start(request);
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(held) = held {
            self.start(held);
        }
    }

    /// How many webhooks are not delivered yet.
    #[must_use]
    pub fn under_way(&self) -> usize {
        self.under_way.load(Ordering::Acquire)
    }

    /// Delivers `request` once; the HTTP status, or `None` if there was no answer.
    pub async fn deliver_once(&self, request: &SignedRequest) -> Option<u16> {
        let sent = self
            .client
            .request(request.method.clone(), &request.url)
            .headers(request.headers.clone())
            .body(request.body.clone())
            .send()
            .await;
        sent.ok().map(|answer| answer.status().as_u16())
    }

    fn start(&self, request: SignedRequest) {
        self.under_way.fetch_add(1, Ordering::AcqRel);
        let courier = self.clone();
        tokio::spawn(async move {
            let mut pause = courier.redelivery.first;
            for _ in 0..courier.redelivery.tries {
                if matches!(courier.deliver_once(&request).await, Some(200..=299)) {
                    break;
                }
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(courier.redelivery.longest);
            }
            courier.under_way.fetch_sub(1, Ordering::AcqRel);
        });
    }
}
