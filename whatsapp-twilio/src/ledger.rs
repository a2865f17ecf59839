//! What Twilio keeps of the line's messages, for what no webhook told. Source: Twilio, Messages resource, "Read multiple
//! Message resources".
use std::ops::Range;

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use whatsapp_core::{
    Envelope, Error, ErrorKind, Event, InboundContent, InboundMessage, Ledger, LedgerPage, MessageId, OutboundMessage,
    Result, StatusUpdate, Unsupported,
};

use crate::{
    Direction, ID, MediaRecord, MessageQuery, MessageRecord, Twilio, encode,
    error::delivery_error,
    hosts::Product,
    inbound::{
        media::{file_id, received_file},
        person::person_at,
    },
    message::raw_page,
    wire::address,
};

/// Messages on a page. Twilio gives up to a thousand, but each may be followed by a question for its files.
const PAGE: u16 = 200;
/// Most pages that are looked through for one message.
const PAGES: usize = 10;

#[async_trait]
impl Ledger for Twilio {
    /// The list has no buttons, places, names, advertisements or quotations: such a message comes back with its words
    /// alone, and one without words as [`InboundContent::Unsupported`].
    async fn received(&self, span: Range<DateTime<Utc>>, page: Option<&str>) -> Result<LedgerPage> {
        let line = self.line.as_str();
        let query = MessageQuery::new().with_recipient(line).since(span.start).until(span.end).with_page_size(PAGE);
        let body = self.message_page(&query, page).await?;
        let page = raw_page(&body)?;
        let mut events = Vec::new();
        for raw in page.messages.iter().rev() {
            // A message that cannot be read at all has no id to be known by.
            let Ok(record) = serde_json::from_str::<MessageRecord>(raw.get()) else { continue };
            let ours =
                record.direction == Direction::Inbound && record.to.as_deref().is_some_and(|to| address(to) == line);
            // Twilio may round the span to days.
            if ours && record.at().is_some_and(|at| span.contains(&at)) {
                events.extend(self.recovered(&record, &body.slice_ref(raw.get().as_bytes())).await?);
            }
        }
        let next = page.next_page_uri;
        Ok(LedgerPage::new(body, events, next))
    }

    async fn statuses(&self, span: Range<DateTime<Utc>>, page: Option<&str>) -> Result<LedgerPage> {
        let line = self.line.as_str();
        let query = MessageQuery::new().with_sender(line).since(span.start).until(span.end).with_page_size(PAGE);
        let body = self.message_page(&query, page).await?;
        let page = raw_page(&body)?;
        let mut events = Vec::new();
        for raw in page.messages.iter().rev() {
            let Ok(record) = serde_json::from_str::<MessageRecord>(raw.get()) else { continue };
            if self.is_sender_of(&record) && record.at().is_some_and(|at| span.contains(&at)) {
                events.extend(self.status_of(record, &body.slice_ref(raw.get().as_bytes())));
            }
        }
        let next = page.next_page_uri;
        Ok(LedgerPage::new(body, events, next))
    }

    async fn sent(&self, message: &OutboundMessage, since: DateTime<Utc>) -> Result<Vec<Envelope>> {
        // Twilio tells whole seconds.
        let since = since.duration_trunc(TimeDelta::seconds(1)).unwrap_or(since);
        let to = encode::recipient(&message.to)?;
        // Not by date: a message that waits has none yet.
        let query = MessageQuery::new().with_recipient(&to).with_page_size(PAGE);
        let words = encode::words(message)?;
        let (mut found, mut next) = (Vec::new(), None);
        for _ in 0..PAGES {
            let body = self.message_page(&query, next.as_deref()).await?;
            let page = raw_page(&body)?;
            for raw in &page.messages {
                let Ok(record) = serde_json::from_str::<MessageRecord>(raw.get()) else { continue };
                if record.date_created.is_some_and(|at| at < since) {
                    found.reverse();
                    return Ok(found);
                }
                if self.is_sender_of(&record) && may_say(&record, words.as_deref()) {
                    found.extend(self.status_of(record, &body.slice_ref(raw.get().as_bytes())));
                }
            }
            next = page.next_page_uri;
            if next.is_none() {
                found.reverse();
                return Ok(found);
            }
        }
        Err(Error::new(ID, ErrorKind::Protocol, "the list holds too many messages to look through"))
    }
}

impl Twilio {
    async fn recovered(&self, record: &MessageRecord, raw: &Bytes) -> Result<Vec<Envelope>> {
        let (Some(sid), Some(from)) = (&record.sid, &record.from) else { return Ok(Vec::new()) };
        let Some(person) = person_at(from) else { return Ok(Vec::new()) };
        let files =
            if record.num_media.is_some_and(|count| count > 0) { self.files_of(sid).await? } else { Vec::new() };
        let words = record.body.as_deref().map(|words| words.replace('\0', "")).filter(|words| !words.is_empty());
        let contents = match (files.is_empty(), words) {
            (true, Some(words)) => vec![InboundContent::text(words)],
            (true, None) => vec![InboundContent::Unsupported(Unsupported::default())],
            (false, words) => self.with_caption(sid, files, words),
        };
        let event = |(at, content)| {
            let message = InboundMessage::new(file_id(sid, at), person.clone(), content);
            let event = Event::Message(message.with_recovered(true).with_replayed(true));
            Envelope::new(ID, self.line.clone(), event, raw.clone()).with_time(record.at())
        };
        Ok(contents.into_iter().enumerate().map(event).collect())
    }

    /// The files of a message; none if they were deleted meanwhile.
    async fn files_of(&self, message_sid: &str) -> Result<Vec<MediaRecord>> {
        match self.message_media(message_sid).await {
            Err(error) if error.status() == Some(404) => Ok(Vec::new()),
            files => files,
        }
    }

    fn with_caption(&self, message_sid: &str, files: Vec<MediaRecord>, words: Option<String>) -> Vec<InboundContent> {
        let mut words = words;
        let read = |file: MediaRecord| {
            let sid = file.sid?;
            let path = self.endpoint.of_account(&format!("/Messages/{message_sid}/Media/{sid}"));
            let mut media = received_file("", self.endpoint.address(Product::Api, &path), file.content_type);
            media.caption = words.take();
            Some(InboundContent::Media(media))
        };
        files.into_iter().filter_map(read).collect()
    }

    /// Whether this line, or its messaging service, sent `record`.
    fn is_sender_of(&self, record: &MessageRecord) -> bool {
        let by_line = record.from.as_deref().is_some_and(|from| address(from) == self.line.as_str());
        let service = self.messaging_service.as_deref();
        let by_service =
            record.from.is_none() && service.is_some() && record.messaging_service_sid.as_deref() == service;
        record.direction == Direction::Outbound && (by_line || by_service)
    }

    fn status_of(&self, record: MessageRecord, raw: &Bytes) -> Option<Envelope> {
        let status = record.reached()?;
        let error = record
            .error_code
            .map(|code| delivery_error(Some(code), record.error_message.as_deref().unwrap_or_default()));
        let update = StatusUpdate::new(MessageId::from(record.sid?), status)
            .with_recipient(record.to.as_deref().and_then(person_at))
            .with_error(error);
        let envelope = Envelope::new(ID, self.line.clone(), Event::Status(update), raw.clone());
        Some(envelope.with_time(record.date_updated))
    }
}

/// Whether `record` may be the message with these words: blanks do not count, and what keeps no words may be any. So may
/// be one of a template, whose words only Twilio knows.
fn may_say(record: &MessageRecord, words: Option<&str>) -> bool {
    let plain = |text: &str| text.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect::<String>();
    match (record.body.as_deref(), words) {
        (Some(said), Some(words)) => plain(said) == plain(words),
        (None, _) | (_, None) => true,
    }
}
