//! The seam: what a provider implements.
//!
//! Implementors write [`Sender`], [`Verifier`] and [`Parser`]; users enjoy [`SenderExt`] and [`WebhookExt`].
//! Everything is object safe.
use std::{fmt, ops::Range, sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};

use crate::{
    Capabilities, Challenge, Content, CorrelationId, Envelope, Error, ErrorKind, Hint, InboundMedia, LedgerPage,
    LineId, LinkState, MessageId, OutboundMessage, PairCode, PhoneNumber, ProbeReport, ProviderId, QrCode, Reaction,
    Receipt, Recipient, Rejection, Result, Template, Verified, WebhookRequest,
};

/// Sends on one line.
///
/// # Contract
/// - `send` refuses before any I/O what [`check`](Self::check) refuses.
/// - An error whose [`retry`](crate::Error::retry) is `After` or `Backoff` means: surely not accepted. A 5xx, and
///   whatever goes wrong after the first byte was written, is `Ambiguous`.
/// - `send` may be dropped at any time; a dropped send counts as ambiguous.
///
/// Wrappers forward every method; `#[deny(clippy::missing_trait_methods)]` keeps them honest.
#[async_trait]
pub trait Sender: fmt::Debug + Send + Sync + 'static {
    /// Which provider this is.
    fn id(&self) -> ProviderId;

    /// The line it sends on.
    fn line(&self) -> &LineId;

    /// What it can do.
    fn capabilities(&self) -> Capabilities;

    /// The message id that `correlation` will lead to, for a provider that lets us choose ids. Statuses that
    /// carry no correlation are joined by it.
    fn assigned_id(&self, correlation: CorrelationId) -> Option<MessageId> {
        let _ = correlation;
        None
    }

    /// Whether `message` could be sent as it is, without any I/O: what the provider can do, and every limit.
    ///
    /// ```
    /// use whatsapp_core::{Memory, OutboundMessage, PhoneNumber, Secret, Sender};
    /// let sender = Memory::new("shop", Secret::from("s"));
    /// let dana: PhoneNumber = "+972501234567".parse().unwrap();
    /// assert!(sender.check(&OutboundMessage::new(dana.clone(), "שלום")).is_ok());
    /// assert!(sender.check(&OutboundMessage::new(dana, " ")).is_err());
    /// ```
    ///
    /// # Errors
    /// Those of [`Capabilities::check`].
    fn check(&self, message: &OutboundMessage) -> Result<()> {
        self.capabilities().check(&self.id(), message)
    }

    /// How long `send` may keep a message back before it hands it on: zero, unless a layer waits for something.
    /// Whoever bounds the wait for an answer adds this to it.
    fn max_wait(&self) -> Duration {
        Duration::ZERO
    }

    /// Hands `message` to the provider.
    ///
    /// # Errors
    /// [`Error`](crate::Error) says whether the message was surely refused or may have been sent.
    async fn send(&self, message: &OutboundMessage) -> Result<Receipt>;
}

/// Tells authentic requests from others. One per secret holder; no I/O.
pub trait Verifier: fmt::Debug + Send + Sync + 'static {
    /// The account that the request claims to come from, to look up its secret with. Trusts nothing.
    fn hint(&self, request: &WebhookRequest<'_>) -> Option<Hint> {
        let _ = request;
        None
    }

    /// Checks the signature over the raw request.
    ///
    /// # Errors
    /// [`Rejection`], which says nothing about what would have been right.
    fn verify<'r>(&self, request: WebhookRequest<'r>) -> Result<Verified<'r>, Rejection>;

    /// Answers a subscription check (Meta's GET); `None` if this provider has none or the request is not one.
    fn challenge(&self, request: &WebhookRequest<'_>) -> Option<Result<Challenge, Rejection>> {
        let _ = request;
        None
    }
}

/// Reads authentic requests. Pure: the same bytes give the same events.
pub trait Parser: fmt::Debug + Send + Sync + 'static {
    /// Every item of the request, in order. An odd item becomes [`Event::Unknown`](crate::Event::Unknown) and
    /// never hurts its neighbours.
    ///
    /// # Errors
    /// [`ErrorKind::Protocol`](crate::ErrorKind::Protocol) if the body as a whole cannot be read.
    fn parse(&self, request: &Verified<'_>) -> Result<Vec<Envelope>>;
}

/// All of one provider. Side powers are objects: `None` says that the provider has no such thing.
pub trait Provider: Sender + Verifier + Parser {
    /// Linking a phone (WhatsApp Web).
    fn linking(&self) -> Option<&dyn Linking> {
        None
    }

    /// Fetching files that contacts sent.
    fn media(&self) -> Option<&dyn Media> {
        None
    }

    /// Reading the provider's templates.
    fn templates(&self) -> Option<&dyn Templates> {
        None
    }

    /// Testing the connection.
    fn probe(&self) -> Option<&dyn Probe> {
        None
    }

    /// Read receipts and typing.
    fn presence(&self) -> Option<&dyn Presence> {
        None
    }

    /// The provider's own list of the line's messages, to find what no webhook told.
    fn ledger(&self) -> Option<&dyn Ledger> {
        None
    }
}

/// Links a phone by QR or code.
#[async_trait]
pub trait Linking: Send + Sync {
    /// How the link stands.
    ///
    /// # Errors
    /// If the bridge does not answer.
    async fn state(&self) -> Result<LinkState>;

    /// Begins to link, or reconnects.
    ///
    /// # Errors
    /// If the bridge does not answer or refuses.
    async fn start(&self) -> Result<()>;

    /// The QR code to scan now, if there is one.
    ///
    /// # Errors
    /// If the bridge does not answer.
    async fn qr(&self) -> Result<Option<QrCode>>;

    /// A code to type on the phone with this number.
    ///
    /// # Errors
    /// If the bridge does not answer or refuses.
    async fn pair_code(&self, phone: &PhoneNumber) -> Result<PairCode>;

    /// Unlinks the phone and forgets its keys.
    ///
    /// # Errors
    /// If the bridge does not answer.
    async fn logout(&self) -> Result<()>;
}

/// Fetches files that contacts sent.
#[async_trait]
pub trait Media: Send + Sync {
    /// The file's bytes, at most `max_bytes` of them. Credentials go to the provider's own hosts only.
    ///
    /// # Errors
    /// If the file is gone, too large, or its address is not the provider's.
    async fn download(&self, media: &InboundMedia, max_bytes: usize) -> Result<Bytes>;
}

/// Reads the provider's templates.
#[async_trait]
pub trait Templates: Send + Sync {
    /// All approved templates, with their wording where the provider tells it.
    ///
    /// # Errors
    /// If the provider does not answer or refuses.
    async fn list(&self) -> Result<Vec<Template>>;
}

/// Tests the connection.
#[async_trait]
pub trait Probe: Send + Sync {
    /// Asks the provider whether credentials and line are good. A refusal is a failed check, not an error.
    ///
    /// # Errors
    /// If the provider does not answer.
    async fn probe(&self) -> Result<ProbeReport>;
}

/// Read receipts and typing.
#[async_trait]
pub trait Presence: Send + Sync {
    /// Marks a contact's message as read.
    ///
    /// # Errors
    /// If the provider does not answer or refuses.
    async fn mark_read(&self, from: &Recipient, message: &MessageId) -> Result<()>;

    /// Shows the contact that an answer to `message` is being written, for some seconds or until it is sent. A
    /// provider may mark the message as read with it.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] where typing cannot be shown; if the provider does not answer or refuses.
    async fn typing(&self, from: &Recipient, message: &MessageId) -> Result<()> {
        let _ = (from, message);
        let provider = ProviderId::new("provider");
        Err(Error::new(provider, ErrorKind::Unsupported, "typing cannot be shown by this provider"))
    }
}

/// Reads what the provider keeps of the line's messages: what no webhook told.
#[async_trait]
pub trait Ledger: Send + Sync {
    /// A page of the messages that contacts sent within `span`, end excluded, by the provider's clock. Their
    /// [`event_id`](crate::Envelope::event_id) is that of the webhook which should have told of them, and they are
    /// marked as [`recovered`](crate::InboundMessage::recovered).
    ///
    /// `page` is the [`next`](LedgerPage::next) of the page before; `None` begins. Pages go from the newest messages to the
    /// oldest; within a page the oldest comes first.
    ///
    /// # Errors
    /// If the provider does not answer or refuses.
    async fn received(&self, span: Range<DateTime<Utc>>, page: Option<&str>) -> Result<LedgerPage>;

    /// A page of how far the messages are that this line sent within `span`, as [`Event::Status`](crate::Event::Status);
    /// pages as those of [`received`](Self::received).
    ///
    /// # Errors
    /// If the provider does not answer or refuses.
    async fn statuses(&self, span: Range<DateTime<Utc>>, page: Option<&str>) -> Result<LedgerPage>;

    /// What the provider took within `span` that may be `message`, as [`Event::Status`](crate::Event::Status), oldest
    /// first: the same recipient and, as far as the provider shows it, the same content. Nothing means that it took no
    /// such message.
    ///
    /// `span` is by the provider's clock: add on both sides of the try what the two clocks may differ by, and ask some
    /// seconds after it was over. The list may hold messages of other senders with equal words: whoever settles a send by it leaves out
    /// those that it knows as others.
    ///
    /// # Errors
    /// If the provider does not answer or refuses, or shows more than can be read: then nothing is known.
    async fn sent(&self, message: &OutboundMessage, span: Range<DateTime<Utc>>) -> Result<Vec<Envelope>>;
}

/// Shorthand for senders.
pub trait SenderExt: Sender {
    /// Sends plain text.
    fn send_text(&self, to: impl Into<Recipient> + Send, body: &str) -> impl Future<Output = Result<Receipt>> + Send {
        self.send_content(to, body)
    }

    /// Sends an approved template.
    fn send_template(
        &self,
        to: impl Into<Recipient> + Send,
        template: Template,
    ) -> impl Future<Output = Result<Receipt>> + Send {
        self.send_content(to, template)
    }

    /// Puts `emoji` on a contact's message.
    fn react(
        &self,
        to: impl Into<Recipient> + Send,
        message: MessageId,
        emoji: &str,
    ) -> impl Future<Output = Result<Receipt>> + Send {
        self.send_content(to, Reaction::new(message, emoji))
    }

    /// Sends any content.
    fn send_content(
        &self,
        to: impl Into<Recipient> + Send,
        content: impl Into<Content> + Send,
    ) -> impl Future<Output = Result<Receipt>> + Send {
        async move { self.send(&OutboundMessage::new(to, content)).await }
    }
}

impl<T: Sender + ?Sized> SenderExt for T {}

/// Shorthand for webhooks.
pub trait WebhookExt: Verifier + Parser {
    /// Verifies, then parses. The outer error is theirs (answer 401 or 403, store nothing), the inner one ours
    /// (keep the bytes, answer 200).
    ///
    /// # Errors
    /// [`Rejection`] if the request is not authentic.
    fn receive(&self, request: WebhookRequest<'_>) -> Result<Result<Vec<Envelope>>, Rejection> {
        Ok(self.parse(&self.verify(request)?))
    }
}

impl<T: Verifier + Parser + ?Sized> WebhookExt for T {}

macro_rules! forward {
    ($($pointer:ty),*) => { $(
        #[async_trait]
        #[deny(clippy::missing_trait_methods)]
        impl<T: Sender + ?Sized> Sender for $pointer {
            fn id(&self) -> ProviderId {
                (**self).id()
            }
            fn line(&self) -> &LineId {
                (**self).line()
            }
            fn capabilities(&self) -> Capabilities {
                (**self).capabilities()
            }
            fn assigned_id(&self, correlation: CorrelationId) -> Option<MessageId> {
                (**self).assigned_id(correlation)
            }
            fn check(&self, message: &OutboundMessage) -> Result<()> {
                (**self).check(message)
            }
            fn max_wait(&self) -> Duration {
                (**self).max_wait()
            }
            async fn send(&self, message: &OutboundMessage) -> Result<Receipt> {
                (**self).send(message).await
            }
        }
    )* };
}
forward!(Arc<T>, Box<T>);
