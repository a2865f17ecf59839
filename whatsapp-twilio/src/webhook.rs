//! Webhooks: verified, then read.
use bytes::Bytes;
use whatsapp_core::{
    Envelope, Error, ErrorKind, Event, Hint, LineId, Parser, Rejection, Result, Secret, Unknown, Verified, Verifier,
    WebhookRequest,
};

use crate::{ID, callback::Callback, inbound, signature::Keys, wire};

/// The body that answers a message when nothing is to be said at once: an empty TwiML document.
///
/// A message (`…/inbound`) is answered with 200, `Content-Type: text/xml` and this body; a status (`…/status`) with
/// 204 and no body. JSON or plain text make Twilio note error 12300 in the account's debugger, and anything but 2xx is
/// error 11200. Source: Twilio, "TwiML for Programmable Messaging"; errors 12300 and 11200.
///
/// ```
/// assert!(whatsapp_twilio::EMPTY_TWIML.ends_with("<Response/>"));
/// ```
pub const EMPTY_TWIML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response/>";

/// The account that a webhook claims to come from: its one `AccountSid`, of the form or for GET of the query.
///
/// Nothing is verified yet. Look up the account's tokens with it, and nothing else.
#[must_use]
pub fn account_hint(request: &WebhookRequest<'_>) -> Option<Hint> {
    let sid = wire::sole(wire::fields_of(request)?, "AccountSid")?;
    (!sid.is_empty()).then(|| Hint::claimed(&*sid))
}

/// Verifies and parses the webhooks of one account; needs its secrets only.
///
/// Events name the line that the form names, whichever account or line this was built for: a form signed by this
/// account may speak of any line. Whoever applies events checks that the line belongs to the account. A form that
/// names no line gives the empty line id.
///
/// Inbound, the line is `To`; for a status it is `From`. Twilio gives no times, so [`Envelope::at`] is `None`.
///
/// | a message with | is |
/// |---|---|
/// | `Latitude` and `Longitude`, perhaps `Label` and `Address` | a place |
/// | `ListId` | [`Reply::Row`](whatsapp_core::Reply) |
/// | `ButtonText` or `ButtonPayload` | `Reply::TemplateButton` if its type is `button`, else `Reply::Button`; the answer to `VOICE_CALL_REQUEST` is `Reply::CallPermission` |
/// | `FlowData`, or `InteractiveData` alone | `Reply::Flow`; its JSON as text if it is none, or more than 64 levels deep |
/// | `MediaUrl0` … | a file each; an address card (`text/vcard`) is a document. The first has the caption and the advertisement |
/// | type `reaction`, an emoji, and the message that it stands on | a reaction |
/// | type `unsupported`, or type `text` without a text | [`Unsupported`](whatsapp_core::Unsupported) |
/// | `Body` | text |
/// | `OptOutType` `STOP` or `START` beside any of these | a second event, [`Preference`](whatsapp_core::Preference) about `messages`: Twilio itself stops or resumes what the sender sends |
///
/// Whatever else it is, with an order among it, becomes [`Unknown`] with its sender. Names of the sender that stand in
/// `ChannelMetadata` only are read from there. A form of more than 1,000 fields, or with one above 64 KiB as sent, is
/// refused with [`ErrorKind::Protocol`].
#[derive(Clone, Debug)]
pub struct TwilioWebhook {
    keys: Keys,
    pub(crate) callback: Callback,
    account_sid: Option<Box<str>>,
}

impl TwilioWebhook {
    /// Verifies with any of `auth_tokens`; the first is the one in use.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if there is none or one is empty.
    pub fn new(auth_tokens: impl IntoIterator<Item = Secret>) -> Result<Self> {
        let tokens: Vec<_> = auth_tokens.into_iter().collect();
        let callback = Callback::derived(&tokens);
        let (keys, callback) = Keys::new(tokens).zip(callback).ok_or_else(|| no_secret("auth_token"))?;
        Ok(Self { keys, callback, account_sid: None })
    }

    /// Also verifies with a shared key (HMAC-SHA256), for requests that name `id`, or any key if `id` is `None`.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if the key is empty.
    pub fn with_shared_key(mut self, id: Option<&str>, key: Secret) -> Result<Self> {
        self.keys = self.keys.with_shared(id, key).ok_or_else(|| no_secret("shared_key"))?;
        Ok(self)
    }

    /// Signs correlation ids with `secret` instead of a key derived from the auth token.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if it is empty.
    pub fn with_status_callback_secret(mut self, secret: Secret) -> Result<Self> {
        self.callback = self.callback.with_secret(secret).ok_or_else(|| no_secret("status_callback_secret"))?;
        Ok(self)
    }

    /// Notes the account that the secrets belong to, for the caller's own check.
    #[must_use]
    pub fn with_account_sid(mut self, account_sid: &str) -> Self {
        self.account_sid = Some(account_sid.into());
        self
    }

    /// The account that the secrets belong to, if it was noted.
    #[must_use]
    pub fn account_sid(&self) -> Option<&str> {
        self.account_sid.as_deref()
    }
}

fn no_secret(key: &str) -> Error {
    whatsapp_core::config::missing_key(ID, key)
}

impl Verifier for TwilioWebhook {
    fn hint(&self, request: &WebhookRequest<'_>) -> Option<Hint> {
        account_hint(request)
    }

    fn verify<'r>(&self, request: WebhookRequest<'r>) -> Result<Verified<'r>, Rejection> {
        self.keys.verify(request)
    }
}

impl Parser for TwilioWebhook {
    fn parse(&self, verified: &Verified<'_>) -> Result<Vec<Envelope>> {
        let request = verified.request();
        let Some(form) = wire::fields_of(&request) else {
            if request.body.is_empty() {
                return Err(Error::new(ID, ErrorKind::Protocol, "the request has no fields"));
            }
            let event = Event::Unknown(Unknown::new("body"));
            return Ok(vec![Envelope::new(ID, LineId::from(""), event, request.body.clone())]);
        };
        // A GET has its fields in the address, which is not part of the shared body.
        let raw = if request.body.is_empty() { Bytes::copy_from_slice(form) } else { request.body.clone() };
        let inbound::Reading { line, id, events } = inbound::read(form, || self.callback.read(request.query()))?;
        let envelope = |event| {
            // A wish has no id of its own; it was uttered by that message.
            let occurrence = id.as_ref().filter(|_| matches!(event, Event::Preference(_)));
            let occurrence = occurrence.map(|id| id.as_str().to_owned());
            Envelope::new(ID, line.clone(), event, raw.clone()).with_occurrence(occurrence)
        };
        Ok(events.into_iter().map(envelope).collect())
    }
}
