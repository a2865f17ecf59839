//! The webhook side: forms as Twilio writes them, signed, with its headers.
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use whatsapp_core::{
    LineId, Status,
    testing::{Inbound, Key, SignedRequest},
};

use super::state::{File, Message, Received, Shared};
use crate::{callback::Callback, signature, wire::FORM};

impl Shared {
    /// The webhook that carries `item`; `None` where Twilio sends none.
    pub(super) fn webhook(&self, line: &LineId, item: &Inbound, key: Key) -> Option<SignedRequest> {
        let form = |pairs: Vec<(&str, String)>| -> Bytes {
            form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish().into()
        };
        match item {
            Inbound::Text { id, from, name, body } => {
                self.keep(line, id, from, body, Vec::new());
                let fields = self.inbound(line, id, from, name.as_deref(), Some(body), "text");
                Some(self.inbound_webhook(form(fields), key))
            }
            Inbound::File { id, from, kind, mime_type, caption } => {
                let words = caption.as_deref().unwrap_or_default();
                let sid = format!("ME{}", id.trim_start_matches("MM"));
                let file = File { sid: sid.clone(), mime_type: mime_type.clone(), bytes: Inbound::bytes_of(id) };
                self.keep(line, id, from, words, vec![file]);
                let mut fields = self.inbound(line, id, from, None, Some(words), kind.as_str());
                let origin = self.lock().url.clone();
                let account = &self.config.account_sid;
                let url = format!("{origin}/2010-04-01/Accounts/{account}/Messages/{id}/Media/{sid}");
                fields.retain(|(key, _)| *key != "NumMedia");
                fields.extend([
                    ("NumMedia", "1".to_owned()),
                    ("MediaContentType0", mime_type.clone()),
                    ("MediaUrl0", url),
                ]);
                Some(self.inbound_webhook(form(fields), key))
            }
            Inbound::Odd { id } => {
                Some(self.inbound_webhook(form(self.inbound(line, id, "972500000000", None, None, "hologram")), key))
            }
            Inbound::Status { id, to, status } => {
                let fields = self.status(line, id, to, *status)?;
                self.note(id, name_of(*status)?.0);
                let state = self.lock();
                let url = match state.message(id) {
                    Some(message) => message.status_callback.clone()?,
                    None => format!("{}{}", state.target, Callback::PATH),
                };
                drop(state);
                Some(self.signed(url, form(fields), key))
            }
        }
    }

    pub(super) fn inbound_webhook(&self, body: Bytes, key: Key) -> SignedRequest {
        self.signed(self.inbound_address(), body, key)
    }

    /// Where messages of contacts go.
    pub(super) fn inbound_address(&self) -> String {
        format!("{}/webhook/whatsapp/inbound", self.lock().target)
    }

    /// Puts a contact's message into the list, once.
    fn keep(&self, line: &LineId, id: &str, from: &str, body: &str, files: Vec<File>) {
        let mut state = self.lock();
        if state.received.iter().any(|known| known.sid == id) {
            return;
        }
        let (at, from) = (state.now(), Person::of(from).address);
        let (sid, to, body) = (id.to_owned(), line.to_string(), body.to_owned());
        state.received.push(Received { sid, from, to, body, files, at });
    }

    fn note(&self, id: &str, status: &'static str) {
        let mut state = self.lock();
        if let Some(message) = state.messages.iter_mut().find(|message| message.accepted.id.as_str() == id) {
            message.status = status;
        }
    }

    /// Sends the statuses of `message` on their way.
    pub(super) fn follow(&self, message: &Message, statuses: &[Status]) {
        let accepted = &message.accepted;
        for status in statuses {
            let item = Inbound::status(accepted.id.as_str(), &accepted.to, *status);
            if let Some(request) = self.webhook(&accepted.line, &item, Key::Current) {
                self.courier.deliver(request);
            }
        }
    }

    /// Names and order as Twilio posts them.
    fn inbound(
        &self,
        line: &LineId,
        id: &str,
        from: &str,
        name: Option<&str>,
        text: Option<&str>,
        message_type: &str,
    ) -> Vec<(&'static str, String)> {
        let person = Person::of(from);
        let mut known = serde_json::Map::new();
        known.extend(name.map(|name| ("ProfileName".to_owned(), name.into())));
        known.extend(person.wa_id.map(|wa_id| ("WaId".to_owned(), wa_id.into())));
        let metadata = serde_json::json!({"type": "whatsapp", "data": {"context": known}});
        let pairs = [
            ("ExternalUserId", person.user_id.clone()),
            ("SmsMessageSid", Some(id.to_owned())),
            ("NumMedia", Some("0".to_owned())),
            ("ProfileName", name.map(str::to_owned)),
            ("MessageType", Some(message_type.to_owned())),
            ("SmsSid", Some(id.to_owned())),
            ("WaId", person.wa_id.map(str::to_owned)),
            ("SmsStatus", Some("received".to_owned())),
            ("Body", Some(text.unwrap_or_default().to_owned())),
            ("To", Some(line.to_string())),
            ("NumSegments", Some("1".to_owned())),
            ("ReferralNumMedia", Some("0".to_owned())),
            ("MessageSid", Some(id.to_owned())),
            ("AccountSid", Some(self.config.account_sid.clone())),
            ("ChannelMetadata", Some(metadata.to_string())),
            ("From", Some(person.address)),
            ("ApiVersion", Some("2010-04-01".to_owned())),
        ];
        pairs.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
    }

    /// As [`inbound`](Self::inbound); `None` for a state that Twilio does not have.
    fn status(&self, line: &LineId, id: &str, to: &str, status: Status) -> Option<Vec<(&'static str, String)>> {
        let (name, event) = name_of(status)?;
        let failed = status == Status::Failed;
        let person = Person::of(to);
        let masked = person.wa_id.map(|digits| format!("+{}XXXXX", digits.get(..7).unwrap_or_default()));
        let pairs = [
            ("ErrorCode", failed.then(|| "63024".to_owned())),
            ("EventType", event.map(str::to_owned)),
            ("ExternalUserId", person.user_id.clone()),
            ("SmsSid", Some(id.to_owned())),
            ("SmsStatus", Some(name.to_owned())),
            ("MessageStatus", Some(name.to_owned())),
            ("ChannelToAddress", masked),
            ("To", Some(person.address)),
            ("ChannelPrefix", Some("whatsapp".to_owned())),
            ("MessageSid", Some(id.to_owned())),
            ("AccountSid", Some(self.config.account_sid.clone())),
            ("ErrorMessage", failed.then(|| "Invalid message recipient".to_owned())),
            ("From", Some(line.to_string())),
            ("ApiVersion", Some("2010-04-01".to_owned())),
        ];
        Some(pairs.into_iter().filter_map(|(key, value)| Some((key, value?))).collect())
    }

    fn signed(&self, url: String, body: Bytes, key: Key) -> SignedRequest {
        let token = match key {
            Key::Current => self.config.auth_token.clone(),
            Key::Previous => self.config.secondary_auth_token.clone(),
            Key::Other => "a token of some other account".into(),
        };
        let delivery = self.lock().issue();
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("content-type", FORM.to_owned()),
            ("i-twilio-idempotency-token", uuid_shaped(&delivery)),
            ("user-agent", "TwilioProxy/1.1".to_owned()),
            ("x-home-region", "us1".to_owned()),
            (signature::SIGNATURE, signature::sign(token, &url, &body)),
        ] {
            headers.extend(HeaderValue::from_str(&value).map(|value| (http::HeaderName::from_static(name), value)));
        }
        SignedRequest { method: Method::POST, url, headers, body }
    }
}

/// A state's name and event; `None` for one that Twilio does not have.
const fn name_of(status: Status) -> Option<(&'static str, Option<&'static str>)> {
    Some(match status {
        Status::Queued => ("queued", None),
        Status::Sending => ("sending", None),
        Status::Sent => ("sent", None),
        Status::Delivered => ("delivered", Some("DELIVERED")),
        Status::Read => ("read", Some("READ")),
        Status::Failed => ("undelivered", Some("UNDELIVERED")),
        _ => return None,
    })
}

/// Somebody by digits, or by a user id if the number is hidden.
struct Person<'p> {
    address: String,
    wa_id: Option<&'p str>,
    user_id: Option<String>,
}

impl<'p> Person<'p> {
    fn of(name: &'p str) -> Self {
        if !name.is_empty() && name.bytes().all(|b| b.is_ascii_digit()) {
            Self { address: format!("whatsapp:+{name}"), wa_id: Some(name), user_id: None }
        } else {
            let address = format!("whatsapp:{name}");
            Self { user_id: Some(address.clone()), address, wa_id: None }
        }
    }
}

fn uuid_shaped(hex: &str) -> String {
    let part = |range| hex.get(range).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0..8), part(8..12), part(12..16), part(16..20), part(20..32))
}
