use std::sync::Arc;

use super::{Fault, SignedRequest};
use async_trait::async_trait;
use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::{CorrelationId, LineId, MediaKind, MessageId, Provider, Result, Settings, Status};

/// What the fake upstream took, read back from the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The provider's id.
    pub id: MessageId,
    /// The recipient, digits or user id, without the provider's decoration.
    pub to: String,
    /// Kind of the content, as [`Content::kind`](crate::Content::kind) names it.
    pub kind: String,
    /// The text, the caption, the template's name, the emoji, the place's `latitude,longitude`, the body of an
    /// interactive message, or the name on the first address card.
    pub text: Option<String>,
    /// The link of a file, or its id.
    pub link: Option<String>,
    /// Values of a template's body, or titles of buttons or rows, in order.
    pub parameters: Vec<String>,
    /// The quoted message.
    pub reply_to: Option<String>,
    /// The caller's own id, if the provider carries it beside the message.
    pub correlation: Option<CorrelationId>,
    /// The line it was sent on.
    pub line: LineId,
}

/// An item that the fake puts into a webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "item", rename_all = "snake_case")]
pub enum Inbound {
    /// A text from a phone number (digits).
    Text {
        /// Message id.
        id: String,
        /// Digits of the sender.
        from: String,
        /// The sender's display name.
        name: Option<String>,
        /// What it says.
        body: String,
    },
    /// A file from a phone number (digits). Where a provider's files can be fetched, the fake hands out
    /// [`bytes_of`](Self::bytes_of).
    File {
        /// Message id.
        id: String,
        /// Digits of the sender.
        from: String,
        /// How WhatsApp shows it.
        kind: MediaKind,
        /// MIME type.
        mime_type: String,
        /// Text beneath it.
        caption: Option<String>,
    },
    /// A status of a message of ours.
    Status {
        /// Message id.
        id: String,
        /// Digits of the recipient.
        to: String,
        /// What it reached.
        status: Status,
    },
    /// Something that no version reads yet.
    Odd {
        /// Its id.
        id: String,
    },
}

impl Inbound {
    /// A text from a phone number (digits).
    #[must_use]
    pub fn text(id: &str, from: &str, body: &str) -> Self {
        Self::Text { id: id.to_owned(), from: from.to_owned(), name: None, body: body.to_owned() }
    }

    /// A file from a phone number (digits).
    #[must_use]
    pub fn file(id: &str, from: &str, kind: MediaKind, mime_type: &str) -> Self {
        let (id, from, mime_type) = (id.to_owned(), from.to_owned(), mime_type.to_owned());
        Self::File { id, from, kind, mime_type, caption: None }
    }

    /// What the file of message `id` holds.
    #[must_use]
    pub fn bytes_of(id: &str) -> Bytes {
        format!("the file of {id}").into()
    }

    /// A status of message `id` to a phone number (digits).
    #[must_use]
    pub fn status(id: &str, to: &str, status: Status) -> Self {
        Self::Status { id: id.to_owned(), to: to.to_owned(), status }
    }

    /// Something that no version reads yet.
    #[must_use]
    pub fn odd(id: &str) -> Self {
        Self::Odd { id: id.to_owned() }
    }
}

/// Which secret signs a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// The one in use.
    Current,
    /// The one before, still valid during rotation.
    Previous,
    /// Somebody else's.
    Other,
}

/// One provider under test and its fake upstream.
#[async_trait]
pub trait Harness: Sized + Send + Sync + 'static {
    /// Cases that this provider cannot meet, each with the reason. Anything else runs.
    const SKIP: &'static [(&'static str, &'static str)] = &[];

    /// Starts the fake.
    async fn start() -> Self;

    /// Settings of a line at the fake, with the current and the previous webhook secret.
    fn settings(&self) -> Settings;

    /// The same line, when nobody listens.
    fn settings_unreachable(&self) -> Settings;

    /// Keys of [`settings`](Self::settings) that no line can do without.
    fn required_keys(&self) -> &'static [&'static str];

    /// Builds a provider; it should give up waiting after a second or so.
    ///
    /// # Errors
    /// What the provider's builder finds wrong.
    fn build(&self, settings: &Settings) -> Result<Arc<dyn Provider>>;

    /// Sets of environment variables that each suffice for a line, one set per alias; empty if this provider reads
    /// none.
    fn environments(&self) -> Vec<Vec<(&'static str, String)>> {
        Vec::new()
    }

    /// Builds a provider from the environment of this process.
    ///
    /// # Errors
    /// What the provider's builder finds wrong.
    fn build_from_environment() -> Result<Arc<dyn Provider>> {
        let problem = "this provider reads no environment";
        Err(crate::Error::new(crate::ProviderId::new("none"), crate::ErrorKind::Config, problem))
    }

    /// A link to a file of `kind`; for a provider whose wire does not say the kind, one that tells the fake.
    fn link_of(&self, kind: MediaKind) -> String {
        let _ = kind;
        "https://files.example/a%20b.bin?x=1&y=2".to_owned()
    }

    /// What the fake does with the next request.
    fn script(&self, fault: Fault);

    /// What the fake took, oldest first.
    fn accepted(&self) -> Vec<Accepted>;

    /// How many requests for sending the fake saw, refused ones included.
    fn requests(&self) -> usize;

    /// Webhooks that carry `items`, signed with `key`: one where the provider batches, else one per item.
    fn webhooks(&self, items: &[Inbound], key: Key) -> Vec<SignedRequest>;

    /// A correctly signed webhook with any body.
    fn webhook_of(&self, body: Bytes) -> SignedRequest;

    /// The header that holds the signature, lower case.
    fn signature_header(&self) -> &'static str;

    /// Texts that must never be printed.
    fn secrets(&self) -> Vec<String>;
}
