//! What Twilio keeps of the line's messages, for what no webhook told. Source: Twilio, Messages resource, "Read multiple
//! Message resources".
use std::ops::Range;

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use serde_json::value::RawValue;
use whatsapp_core::{
    Content, Envelope, Error, ErrorKind, Event, InboundContent, InboundMessage, Ledger, LedgerPage, MessageId,
    OutboundMessage, Result, Retry, Status, StatusUpdate, Unsupported,
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
    wire::{address, is_whatsapp},
};

/// Messages on a page; Twilio gives up to a thousand.
const PAGE: u16 = 200;
/// Received ones on a page: each may be followed by a question for its files.
const RECEIVED: u16 = 50;
/// Most pages that are looked through for one message.
const PAGES: usize = 10;

#[async_trait]
impl Ledger for Twilio {
    /// The list has no buttons, places, names, advertisements or quotations: such a message comes back with its words
    /// alone, and one without words as [`InboundContent::Unsupported`].
    async fn received(&self, span: Range<DateTime<Utc>>, page: Option<&str>) -> Result<LedgerPage> {
        let span = in_seconds(span);
        let query = within(&span).with_recipient(self.line.as_str()).with_page_size(RECEIVED);
        let page = self.listed(&query, page).await?;
        let mut events = Vec::new();
        for (record, raw) in page.records.iter().rev() {
            if self.is_for_us(record) && is_within(record, &span) {
                events.extend(self.recovered(record, raw).await?);
            }
        }
        Ok(LedgerPage::new(page.body, events, page.next))
    }

    /// Of what failed before Twilio sent it, the list may not tell: it has no date.
    async fn statuses(&self, span: Range<DateTime<Utc>>, page: Option<&str>) -> Result<LedgerPage> {
        let span = in_seconds(span);
        let page = self.listed(&within(&span).with_sender(self.line.as_str()), page).await?;
        let ours =
            page.records.iter().rev().filter(|(record, _)| self.is_sender_of(record) && is_within(record, &span));
        let told = ours.filter_map(|(record, raw)| self.status_of(record, record.reached()?, raw));
        Ok(LedgerPage::new(page.body, told.collect(), page.next))
    }

    /// A message of a template whose wording is not known, or an interactive one, is found by recipient and time alone:
    /// its words are Twilio's. A wording that is known need not be the approved one to the letter, so a message with other
    /// words beside it leaves the answer open, which is an error. One that was sent without its address being kept is not
    /// found at all, nor is any where Twilio keeps none for the account.
    async fn sent(&self, message: &OutboundMessage, span: Range<DateTime<Utc>>) -> Result<Vec<Envelope>> {
        let since = span.start.trunc_subsecs(0);
        // Not by date: a message that waits has none yet.
        let query = MessageQuery::new().with_recipient(&encode::recipient(&message.to)?).with_page_size(PAGE);
        let wanted = Wanted::of(message);
        let (mut found, mut is_open, mut next) = (Vec::new(), false, None);
        for _ in 0..PAGES {
            let page = self.listed(&query, next.as_deref()).await?;
            if page.has_unreadable {
                return Err(unreadable("the list holds a message that cannot be read"));
            }
            for (record, raw) in &page.records {
                let is_then = record.date_created.is_none_or(|at| at >= since && at < span.end);
                if !is_then || !self.is_sender_of(record) {
                    continue;
                }
                if wanted.may_be(record) {
                    // A word that nobody knows yet is proof all the same.
                    let status = record.reached().unwrap_or(Status::Queued);
                    found.extend(self.status_of(record, status, raw));
                } else {
                    is_open |= wanted.is_template;
                }
            }
            // The list goes by when a message was sent, so that one which waited stands above ours: a page with nothing
            // else than old ones is the end.
            let is_past = |record: &MessageRecord| record.at().is_some_and(|at| at < since);
            let is_end = !page.records.is_empty() && page.records.iter().all(|(record, _)| is_past(record));
            next = page.next.filter(|_| !is_end);
            if next.is_none() && found.is_empty() && is_open {
                return Err(unreadable("the list holds a message that may be the template in other words"));
            }
            if next.is_none() {
                found.reverse();
                return Ok(found);
            }
        }
        Err(unreadable("the list holds too many messages to look through"))
    }
}

fn unreadable(problem: &'static str) -> Error {
    Error::new(ID, ErrorKind::Protocol, problem)
}

/// Twilio tells whole seconds, so that a span within one would lose what came in it.
fn in_seconds(span: Range<DateTime<Utc>>) -> Range<DateTime<Utc>> {
    span.start.trunc_subsecs(0)..span.end.trunc_subsecs(0)
}

/// What to ask for a span: a day more, since Twilio may take the end for the beginning of its day.
fn within(span: &Range<DateTime<Utc>>) -> MessageQuery {
    let end = span.end.checked_add_signed(TimeDelta::days(1)).unwrap_or(span.end);
    MessageQuery::new().since(span.start).until(end).with_page_size(PAGE)
}

/// A page of the list.
struct Listed {
    body: Bytes,
    /// Each with its own bytes, newest first.
    records: Vec<(MessageRecord, Bytes)>,
    /// Whether there is an entry without an id, or one that is none at all.
    has_unreadable: bool,
    next: Option<String>,
}

/// What tells a message from others in the list.
struct Wanted {
    /// Its words, without blanks; `None` if only Twilio knows them.
    words: Option<String>,
    /// Whether the words are those of a template as the caller knows them.
    is_template: bool,
    has_file: bool,
}

impl Wanted {
    fn of(message: &OutboundMessage) -> Self {
        // What has no form of its own went out in words that are not known here.
        let words = match &message.content {
            Content::Template(template) => template.rendered(),
            _ => encode::words(message).ok().flatten(),
        };
        Self {
            words: words.map(|words| plain(&words)),
            is_template: matches!(message.content, Content::Template(_)),
            has_file: matches!(message.content, Content::Media(_) | Content::Template(_)),
        }
    }

    /// Blanks do not count, and what keeps no words may be any.
    fn may_be(&self, record: &MessageRecord) -> bool {
        match (record.body.as_deref(), self.words.as_deref()) {
            (Some(said), Some(words)) if plain(said) != words => false,
            (_, Some(_)) => self.has_file || record.num_media.is_none_or(|count| count == 0),
            (_, None) => true,
        }
    }
}

fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect()
}

fn is_within(record: &MessageRecord, span: &Range<DateTime<Utc>>) -> bool {
    record.at().is_some_and(|at| span.contains(&at))
}

impl Twilio {
    async fn listed(&self, query: &MessageQuery, page: Option<&str>) -> Result<Listed> {
        let body = self.message_page(query, page).await?;
        let page = raw_page(&body)?;
        let count = page.messages.len();
        let read = |raw: &RawValue| {
            // By way of a value, which takes what is written twice.
            let record: MessageRecord = serde_json::from_value(serde_json::from_str(raw.get()).ok()?).ok()?;
            record.sid.is_some().then(|| (record, body.slice_ref(raw.get().as_bytes())))
        };
        let records: Vec<_> = page.messages.into_iter().filter_map(read).collect();
        let (has_unreadable, next) = (records.len() < count, page.next_page_uri);
        Ok(Listed { body, records, has_unreadable, next })
    }

    async fn recovered(&self, record: &MessageRecord, raw: &Bytes) -> Result<Vec<Envelope>> {
        let (Some(sid), Some(from)) = (&record.sid, &record.from) else { return Ok(Vec::new()) };
        let Some(person) = person_at(from) else { return Ok(Vec::new()) };
        let files =
            if record.num_media.is_some_and(|count| count > 0) { self.files_of(sid).await? } else { Vec::new() };
        let words = record.body.as_deref().map(|words| words.replace('\0', "")).filter(|words| !words.is_empty());
        let mut contents = self.with_caption(sid, files, words.clone());
        if contents.is_empty() {
            contents.push(match words {
                Some(words) => InboundContent::text(words),
                None => InboundContent::Unsupported(Unsupported::default()),
            });
        }
        let event = |(at, content)| {
            let message = InboundMessage::new(file_id(sid, at), person.clone(), content);
            let event = Event::Message(message.with_recovered(true).with_replayed(true));
            Envelope::new(ID, self.line.clone(), event, raw.clone()).with_time(record.at())
        };
        Ok(contents.into_iter().enumerate().map(event).collect())
    }

    /// The files of a message; none if they were deleted meanwhile, or Twilio shows them to nobody: one message must not
    /// keep its page from being read.
    async fn files_of(&self, message_sid: &str) -> Result<Vec<MediaRecord>> {
        match self.message_media(message_sid).await {
            Err(error) if error.retry() == Retry::Never && error.kind() != ErrorKind::Unauthenticated => Ok(Vec::new()),
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

    /// Whether a contact wrote it to this line, over WhatsApp: the number may take SMS, too.
    fn is_for_us(&self, record: &MessageRecord) -> bool {
        let addressed = [&record.from, &record.to].into_iter().flatten().any(|it| is_whatsapp(it));
        let to_line = record.to.as_deref().is_some_and(|to| address(to) == self.line.as_str());
        record.direction == Direction::Inbound && addressed && to_line
    }

    /// Whether this line, or its messaging service, sent `record`.
    fn is_sender_of(&self, record: &MessageRecord) -> bool {
        let by_line = record.from.as_deref().is_some_and(|from| address(from) == self.line.as_str());
        let service = self.messaging_service.as_deref();
        // Whichever number it chose.
        let by_service = service.is_some() && record.messaging_service_sid.as_deref() == service;
        record.direction != Direction::Inbound && (by_line || by_service)
    }

    fn status_of(&self, record: &MessageRecord, status: Status, raw: &Bytes) -> Option<Envelope> {
        let words = || record.error_message.as_deref().or(record.status.as_deref()).unwrap_or_default();
        let error = (status == Status::Failed).then(|| delivery_error(record.error_code, words()));
        let update = StatusUpdate::new(MessageId::from(record.sid.as_deref()?), status)
            .with_recipient(record.to.as_deref().and_then(person_at))
            .with_error(error);
        let envelope = Envelope::new(ID, self.line.clone(), Event::Status(update), raw.clone());
        Some(envelope.with_time(record.date_updated))
    }
}
