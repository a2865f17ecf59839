use std::{fmt::Write, sync::Arc, time::Duration};

use async_trait::async_trait;
use moka::sync::Cache;

use crate::{
    Action, AliasKind, Capabilities, Contacts, Content, CorrelationId, Envelope, Event, Header, Identity,
    InboundContent, Interactive, InteractiveKind, InteractiveKinds, LineId, List, Location, MessageId, OutboundMessage,
    ProviderId, Receipt, Recipient, Reply, ReplyButton, Result, Sender,
};

/// Questions that are remembered at most.
const QUESTIONS: u64 = 10_000;
/// How long a question is remembered.
const REMEMBERED: Duration = Duration::from_secs(24 * 60 * 60);
/// What can be asked in words.
const IN_WORDS: InteractiveKinds = InteractiveKinds::of(&[
    InteractiveKind::Buttons,
    InteractiveKind::List,
    InteractiveKind::Url,
    InteractiveKind::LocationRequest,
    InteractiveKind::ContactRequest,
]);

/// Says in words what the sender cannot show: buttons and lists become numbered lines, a place a link to a map, an
/// address card its names and numbers. [`restore`](Self::restore) turns the number that comes back into the tap it
/// stands for. Clones share what they remember.
///
/// A quote that the sender cannot show is left out. Forms, catalogs and carousels have no words and are refused.
#[derive(Clone, Debug)]
pub struct Degraded<S> {
    inner: S,
    asked: Arc<Asked>,
}

#[derive(Debug)]
struct Asked {
    by_person: Cache<Recipient, Arc<Interactive>>,
    by_message: Cache<MessageId, Arc<Interactive>>,
}

impl<S: Sender> Degraded<S> {
    /// Wraps `inner`.
    pub fn new(inner: S) -> Self {
        let asked = Asked {
            by_person: Cache::builder().max_capacity(QUESTIONS).time_to_live(REMEMBERED).build(),
            by_message: Cache::builder().max_capacity(QUESTIONS).time_to_live(REMEMBERED).build(),
        };
        Self { inner, asked: Arc::new(asked) }
    }

    /// Turns a contact's "2" into the tap of the second button, if it answers a question that was asked in words.
    /// `true` if it did. The question is what the text quotes, else the last one asked.
    pub fn restore(&self, envelope: &mut Envelope) -> bool {
        let Event::Message(message) = &mut envelope.event else { return false };
        let InboundContent::Text(text) = &message.content else { return false };
        let quoted = message.reply_to.as_ref().and_then(|id| self.asked.by_message.get(id));
        let question = quoted.or_else(|| {
            let names = recipients(&message.from);
            names.iter().find_map(|name| self.asked.by_person.get(name))
        });
        let Some(reply) = question.and_then(|question| answer(&question, &text.body)) else { return false };
        message.content = InboundContent::Reply(reply);
        true
    }

    /// `message` in words, if it needs them, and the question in it.
    fn in_words(&self, message: &OutboundMessage) -> Option<(OutboundMessage, Option<Interactive>)> {
        let can = self.inner.capabilities();
        let said = match &message.content {
            Content::Interactive(ask) if !can.interactive.contains(ask.action.kind()) => {
                Some((interactive(ask, can)?, Some(ask.clone())))
            }
            Content::Location(place) if !can.locations => Some((location(place).into(), None)),
            Content::Contacts(cards) if !can.contacts => Some((contacts(cards).into(), None)),
            _ => None,
        };
        let quotes = message.reply_to.is_some() && !can.replies;
        if said.is_none() && !quotes {
            return None;
        }
        let mut plain = message.clone();
        let (content, question) = said.unwrap_or_else(|| (message.content.clone(), None));
        plain.content = content;
        plain.reply_to = plain.reply_to.filter(|_| !quotes);
        Some((plain, question))
    }
}

/// A question in words. `None` if it has none.
///
/// ```
/// use whatsapp_core::{Interactive, ReplyButton, layer::{answer, question}};
/// let ask = Interactive::buttons("נתראה מחר?", [ReplyButton::new("yes", "כן"), ReplyButton::new("no", "לא")]).unwrap();
/// assert_eq!(question(&ask).unwrap(), "נתראה מחר?\n\n1. כן\n2. לא");
/// assert_eq!(answer(&ask, "2").unwrap().id(), Some("no"));
/// ```
#[must_use]
pub fn question(ask: &Interactive) -> Option<String> {
    let options = match &ask.action {
        Action::Buttons(buttons) => Some(numbered_buttons(buttons)),
        Action::List(list) => Some(numbered_rows(list)),
        Action::Url(button) => Some(format!("{}: {}", button.text, button.url)),
        Action::LocationRequest | Action::ContactRequest => None,
        _ => return None,
    };
    let header = match &ask.header {
        Some(Header::Text(text)) => Some(format!("*{text}*")),
        _ => None,
    };
    let parts = [header, ask.body.clone(), options, ask.footer.as_ref().map(|footer| format!("_{footer}_"))];
    Some(parts.into_iter().flatten().collect::<Vec<_>>().join("\n\n"))
}

/// The tap that `text` stands for: the number of an option, or its title. `None` if it is neither.
#[must_use]
pub fn answer(ask: &Interactive, text: &str) -> Option<Reply> {
    let text = text.trim();
    let number = text.trim_start_matches('#').trim_end_matches(['.', ')']);
    let number = number.chars().map(digit).collect::<Option<String>>().and_then(|digits| digits.parse::<usize>().ok());
    let is = |at: usize, title: &str| number == Some(at + 1) || title.trim().to_lowercase() == text.to_lowercase();
    match &ask.action {
        Action::Buttons(buttons) => {
            let (_, button) = buttons.iter().enumerate().find(|(at, button)| is(*at, &button.title))?;
            Some(Reply::Button { id: button.id.clone(), title: button.title.clone() })
        }
        Action::List(list) => {
            let (_, row) = list.rows().enumerate().find(|(at, row)| is(*at, &row.title))?;
            Some(Reply::Row { id: row.id.clone(), title: row.title.clone(), description: row.description.clone() })
        }
        _ => None,
    }
}

/// A Western, Arabic or Persian digit as a Western one.
fn digit(c: char) -> Option<char> {
    let value = match c {
        '0'..='9' => return Some(c),
        '٠'..='٩' => u32::from(c) - u32::from('٠'),
        '۰'..='۹' => u32::from(c) - u32::from('۰'),
        _ => return None,
    };
    char::from_digit(value, 10)
}

fn interactive(ask: &Interactive, can: Capabilities) -> Option<Content> {
    let text = question(ask)?;
    match &ask.header {
        Some(Header::Media(file))
            if can.media.contains(&file.kind) && text.chars().count() <= can.caption_max_chars as usize =>
        {
            Some(file.clone().with_caption(text).into())
        }
        // A picture that has no room for the words would come apart from them.
        Some(Header::Media(_)) => None,
        _ => Some(text.into()),
    }
}

fn numbered_buttons(buttons: &[ReplyButton]) -> String {
    let lines = buttons.iter().enumerate().map(|(at, button)| format!("{}. {}", at + 1, button.title));
    lines.collect::<Vec<_>>().join("\n")
}

fn numbered_rows(list: &List) -> String {
    let (mut out, mut number) = (String::new(), 0);
    for section in &list.sections {
        if let Some(title) = &section.title {
            let _ = writeln!(out, "*{title}*");
        }
        for row in &section.rows {
            number += 1;
            let _ = write!(out, "{number}. {}", row.title);
            if let Some(description) = &row.description {
                let _ = write!(out, " – {description}");
            }
            out.push('\n');
        }
    }
    out.trim_end().to_owned()
}

fn location(place: &Location) -> String {
    let link = format!("https://maps.google.com/?q={},{}", place.latitude, place.longitude);
    let words = [place.name.clone(), place.address.clone(), Some(link)];
    words.into_iter().flatten().collect::<Vec<_>>().join("\n")
}

fn contacts(contacts: &Contacts) -> String {
    let cards = contacts.contacts.iter().map(|card| {
        let numbers = card.phones.iter().filter_map(|phone| phone.phone.as_deref());
        let mails = card.emails.iter().filter_map(|mail| mail.email.as_deref());
        let lines = std::iter::once(card.name.formatted_name.as_str()).chain(numbers).chain(mails);
        lines.collect::<Vec<_>>().join("\n")
    });
    cards.collect::<Vec<_>>().join("\n\n")
}

/// How a person may have been named when they were asked.
fn recipients(person: &Identity) -> Vec<Recipient> {
    let phone = person.phone().map(Recipient::Phone);
    let user = person.get(AliasKind::Bsuid).and_then(|id| id.parse().ok()).map(Recipient::User);
    let lid = person.get(AliasKind::Lid).map(|lid| Recipient::Lid(lid.into()));
    [phone, user, lid].into_iter().flatten().collect()
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<S: Sender> Sender for Degraded<S> {
    fn id(&self) -> ProviderId {
        self.inner.id()
    }

    fn line(&self) -> &LineId {
        self.inner.line()
    }

    fn capabilities(&self) -> Capabilities {
        let mut can = self.inner.capabilities();
        can.interactive = can.interactive.and(IN_WORDS);
        can.reply_buttons = can.reply_buttons.max(3);
        can.list_rows = can.list_rows.max(10);
        (can.locations, can.contacts, can.replies) = (true, true, true);
        can
    }

    fn assigned_id(&self, correlation: CorrelationId) -> Option<MessageId> {
        self.inner.assigned_id(correlation)
    }

    async fn send(&self, message: &OutboundMessage) -> Result<Receipt> {
        let Some((plain, question)) = self.in_words(message) else { return self.inner.send(message).await };
        self.capabilities().check(&self.id(), message)?;
        let receipt = self.inner.send(&plain).await?;
        if let Some(question) = question.map(Arc::new) {
            self.asked.by_person.insert(message.to.clone(), Arc::clone(&question));
            self.asked.by_message.insert(receipt.id.clone(), question);
        }
        Ok(receipt)
    }
}
