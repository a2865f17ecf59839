use std::{fmt::Write, sync::Arc, time::Duration};

use async_trait::async_trait;
use moka::sync::Cache;

use crate::{
    Action, AliasKind, Capabilities, Contacts, Content, CorrelationId, Envelope, ErrorKind, Event, Header, Identity,
    InboundContent, Interactive, InteractiveKind, InteractiveKinds, LineId, List, Location, MessageId, OutboundMessage,
    ProviderId, Receipt, Recipient, Reply, ReplyButton, Result, Retry, Sender,
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
    /// `true` if it did.
    ///
    /// The question is what the text quotes; if it quotes nothing, the last one asked, as long as nothing else was
    /// sent to this person since and it was not answered yet. What is written in a group, or while another
    /// application answers, is left alone.
    ///
    /// ```
    /// # use bytes::Bytes;
    /// use whatsapp_core::{
    ///     Envelope, Event, InboundContent, InboundMessage, Memory, PhoneNumber, Secret, layer::Layered,
    /// };
    /// let sender = Memory::new("shop", Secret::from("s")).degrading();
    /// let dana: PhoneNumber = "+972501234567".parse().unwrap();
    /// let message = InboundMessage::new("m1".into(), dana.into(), InboundContent::text("2"));
    /// let mut envelope = Envelope::new(Memory::ID, "shop".into(), Event::Message(message), Bytes::new());
    /// assert!(!sender.restore(&mut envelope), "nothing was asked");
    /// ```
    pub fn restore(&self, envelope: &mut Envelope) -> bool {
        let Event::Message(message) = &mut envelope.event else { return false };
        let InboundContent::Text(text) = &message.content else { return false };
        if message.group.is_some() || message.standby {
            return false;
        }
        let names = recipients(&message.from);
        let question = match &message.reply_to {
            Some(quoted) => self.asked.by_message.get(quoted),
            None => names.iter().find_map(|name| self.asked.by_person.get(name)),
        };
        let Some(question) = question else { return false };
        let Some(reply) = answer(&question, &text.body) else { return false };
        self.asked.answered(&names, &question);
        message.content = InboundContent::Reply(reply);
        true
    }

    /// `message` in words, if it needs them, and the question in it.
    fn in_words(&self, message: &OutboundMessage) -> Option<(OutboundMessage, Option<Interactive>)> {
        let can = self.inner.capabilities();
        let quotes = message.reply_to.is_some() && !can.replies;
        let said = match &message.content {
            Content::Interactive(ask) if !self.shows(message, quotes) => {
                Some((interactive(ask, can)?, Some(ask.clone())))
            }
            Content::Location(place) if !can.locations => Some((location(place).into(), None)),
            Content::Contacts(cards) if !can.contacts => Some((contacts(cards).into(), None)),
            _ => None,
        };
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

impl<S: Sender> Degraded<S> {
    /// Whether the sender can show `message`, were it not for its quote if it `quotes` in vain. It may know a kind and
    /// yet lack a part of it: a list's sections, say.
    fn shows(&self, message: &OutboundMessage, quotes: bool) -> bool {
        let unquoted = quotes.then(|| OutboundMessage { reply_to: None, ..message.clone() });
        let checked = self.inner.check(unquoted.as_ref().unwrap_or(message));
        !checked.is_err_and(|error| error.kind() == ErrorKind::Unsupported)
    }
}

impl Asked {
    /// Forgets `question` as the last one of a person with these names; a later one stays open.
    fn answered(&self, names: &[Recipient], question: &Arc<Interactive>) {
        for name in names {
            if self.by_person.get(name).is_some_and(|last| Arc::ptr_eq(&last, question)) {
                self.by_person.invalidate(name);
            }
        }
    }

    /// Remembers that `question` went to `to`.
    fn ask(&self, to: &Recipient, receipt: &Receipt, question: Interactive) {
        let question = Arc::new(question);
        self.by_person.insert(to.clone(), Arc::clone(&question));
        self.by_message.insert(receipt.id.clone(), question);
    }
}

/// A message on its way. Whatever it is, it ends the person's last question, since a number after it means something
/// else; so does a send that is dropped, since it may have gone out.
struct UnderWay<'a> {
    asked: &'a Asked,
    to: &'a Recipient,
    ends: bool,
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        if self.ends {
            self.asked.by_person.invalidate(self.to);
        }
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
///
/// ```
/// use whatsapp_core::{Interactive, List, Row, layer::answer};
/// let ask = Interactive::list("מתי?", List::new("שעות", [Row::new("9", "9:00"), Row::new("10", "10:00")])).unwrap();
/// assert_eq!(answer(&ask, "10:00").unwrap().id(), Some("10"));
/// assert!(answer(&ask, "3").is_none());
/// ```
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

    /// Checks what would go out in words too: they may be too long for the sender.
    fn check(&self, message: &OutboundMessage) -> Result<()> {
        let Some((plain, _)) = self.in_words(message) else { return self.inner.check(message) };
        self.capabilities().check(&self.id(), message)?;
        self.inner.check(&plain)
    }

    fn max_wait(&self) -> Duration {
        self.inner.max_wait()
    }

    async fn send(&self, message: &OutboundMessage) -> Result<Receipt> {
        let (plain, question) = self.in_words(message).map_or((None, None), |(plain, ask)| (Some(plain), ask));
        if plain.is_some() {
            self.capabilities().check(&self.id(), message)?;
        }
        let mut way = UnderWay { asked: &self.asked, to: &message.to, ends: true };
        let outcome = self.inner.send(plain.as_ref().unwrap_or(message)).await;
        match (&outcome, question) {
            (Ok(receipt), Some(question)) => {
                way.ends = false;
                self.asked.ask(&message.to, receipt, question);
            }
            (Ok(_), None) => {}
            // What was refused was never seen.
            (Err(error), _) => way.ends = error.retry() == Retry::Ambiguous,
        }
        outcome
    }
}
