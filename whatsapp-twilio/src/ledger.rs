//! What Twilio keeps of the line's messages, for what no webhook told. Source: Twilio, Messages resource, "Read multiple
//! Message resources".
use std::ops::Range;

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use serde_json::value::RawValue;
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
        let page = self.listed(&query, page).await?;
        let mut events = Vec::new();
        for (record, raw) in page.records.iter().rev() {
            let ours =
                record.direction == Direction::Inbound && record.to.as_deref().is_some_and(|to| address(to) == line);
            if ours && is_within(record, &span) {
                events.extend(self.recovered(record, raw).await?);
            }
        }
        Ok(LedgerPage::new(page.body, events, page.next))
    }

    async fn statuses(&self, span: Range<DateTime<Utc>>, page: Option<&str>) -> Result<LedgerPage> {
        let line = self.line.as_str();
        let query = MessageQuery::new().with_sender(line).since(span.start).until(span.end).with_page_size(PAGE);
        let page = self.listed(&query, page).await?;
        let ours =
            page.records.iter().rev().filter(|(record, _)| self.is_sender_of(record) && is_within(record, &span));
        let events = ours.filter_map(|(record, raw)| self.status_of(record, raw)).collect();
        Ok(LedgerPage::new(page.body, events, page.next))
    }

    /// A message of a template or an interactive one is found by recipient and time alone: its words are Twilio's.
    async fn sent(&self, message: &OutboundMessage, since: DateTime<Utc>) -> Result<Vec<Envelope>> {
        // Twilio tells whole seconds.
        let since = since.duration_trunc(TimeDelta::seconds(1)).unwrap_or(since);
        let to = encode::recipient(&message.to)?;
        // Not by date: a message that waits has none yet.
        let query = MessageQuery::new().with_recipient(&to).with_page_size(PAGE);
        let words = encode::words(message)?;
        let (mut found, mut next) = (Vec::new(), None);
        for _ in 0..PAGES {
            let page = self.listed(&query, next.as_deref()).await?;
            let is_old = |record: &MessageRecord| record.date_created.is_some_and(|at| at < since);
            let may_be = |record: &MessageRecord| {
                !is_old(record) && self.is_sender_of(record) && may_say(record, words.as_deref())
            };
            let fitting = page.records.iter().filter(|(record, _)| may_be(record));
            found.extend(fitting.filter_map(|(record, raw)| self.status_of(record, raw)));
            // One that is to be sent later may stand among newer ones; a whole page of old ones is the end.
            next = page.next.filter(|_| !page.records.iter().all(|(record, _)| is_old(record)));
            if next.is_none() {
                found.reverse();
                return Ok(found);
            }
        }
        Err(Error::new(ID, ErrorKind::Protocol, "the list holds too many messages to look through"))
    }
}

/// A page of the list.
struct Listed {
    body: Bytes,
    /// Each with its own bytes, newest first.
    records: Vec<(MessageRecord, Bytes)>,
    next: Option<String>,
}

/// Twilio may round a span to days.
fn is_within(record: &MessageRecord, span: &Range<DateTime<Utc>>) -> bool {
    record.at().is_some_and(|at| span.contains(&at))
}

impl Twilio {
    async fn listed(&self, query: &MessageQuery, page: Option<&str>) -> Result<Listed> {
        let body = self.message_page(query, page).await?;
        let page = raw_page(&body)?;
        // A message that cannot be read at all has no id to be known by.
        let read =
            |raw: &&RawValue| Some((serde_json::from_str(raw.get()).ok()?, body.slice_ref(raw.get().as_bytes())));
        let (records, next) = (page.messages.iter().filter_map(read).collect(), page.next_page_uri);
        Ok(Listed { body, records, next })
    }

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

    fn status_of(&self, record: &MessageRecord, raw: &Bytes) -> Option<Envelope> {
        let status = record.reached()?;
        let error = record
            .error_code
            .map(|code| delivery_error(Some(code), record.error_message.as_deref().unwrap_or_default()));
        let update = StatusUpdate::new(MessageId::from(record.sid.as_deref()?), status)
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
