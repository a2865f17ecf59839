//! Layers around a sender that can do little.
#![expect(clippy::unwrap_used, reason = "test code")]

use std::{num::NonZeroU32, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use whatsapp_core::{
    Action, Capabilities, ContactCard, Contacts, Content, CorrelationId, Envelope, Error, ErrorKind, Event, Header,
    Identity, InboundContent, InboundMessage, Interactive, InteractiveKind, InteractiveKinds, LineId, List, Location,
    MediaFile, MediaKind, Memory, MessageId, OutboundMessage, PhoneNumber, ProviderId, Receipt, Reply, ReplyButton,
    Result, Retry, Row, Secret, Section, Sender, SenderExt, UrlButton,
    layer::{Layered, RetryPolicy, ThrottlePolicy, answer, question},
};

/// Text and pictures, nothing else.
#[derive(Clone, Debug)]
struct Plain(Memory);

#[async_trait]
impl Sender for Plain {
    fn id(&self) -> ProviderId {
        self.0.id()
    }
    fn line(&self) -> &LineId {
        self.0.line()
    }
    fn capabilities(&self) -> Capabilities {
        Capabilities::none().with_text(600).with_media(&[MediaKind::Image], 100)
    }
    fn assigned_id(&self, correlation: CorrelationId) -> Option<MessageId> {
        self.0.assigned_id(correlation)
    }
    async fn send(&self, message: &OutboundMessage) -> Result<Receipt> {
        self.capabilities().check(&self.id(), message)?;
        self.0.send(message).await
    }
}

fn plain() -> (Plain, Memory) {
    let memory = Memory::new("shop", Secret::from("s"));
    (Plain(memory.clone()), memory)
}

fn dana() -> PhoneNumber {
    "+972501234567".parse().unwrap()
}

fn yes_or_no() -> Interactive {
    Interactive::buttons("נתראה מחר?", [ReplyButton::new("yes", "כן"), ReplyButton::new("no", "Not Now")]).unwrap()
}

fn said(memory: &Memory) -> String {
    match memory.sent().pop().unwrap().1.content {
        Content::Text(text) => text.body,
        Content::Media(file) => file.caption.unwrap(),
        other => other.kind().to_owned(),
    }
}

fn text_from(who: PhoneNumber, body: &str) -> Envelope {
    let message = InboundMessage::new("in-1".into(), who.into(), InboundContent::text(body));
    Envelope::new(Memory::ID, "shop".into(), Event::Message(message), Bytes::new())
}

fn content(envelope: &Envelope) -> &InboundContent {
    match &envelope.event {
        Event::Message(message) => &message.content,
        _ => unreachable!(),
    }
}

#[tokio::test]
async fn what_cannot_be_shown_is_said_and_the_number_comes_back_as_the_tap() {
    let (sender, memory) = plain();
    let sender = sender.degrading();
    for (text, id) in [("1", "yes"), (" 2. ", "no"), ("#2", "no"), ("٢", "no"), ("כן", "yes"), ("not now", "no")] {
        sender.send_content(dana(), yes_or_no()).await.unwrap();
        assert_eq!(said(&memory), "נתראה מחר?\n\n1. כן\n2. Not Now");
        let mut envelope = text_from(dana(), text);
        assert!(sender.restore(&mut envelope), "{text}");
        let InboundContent::Reply(reply) = content(&envelope) else { unreachable!() };
        assert_eq!(reply.id(), Some(id), "{text}");
    }
    sender.send_content(dana(), yes_or_no()).await.unwrap();
    for text in ["3", "0", "1 2", "maybe", "", "-1", "99999999999999999999999"] {
        let mut envelope = text_from(dana(), text);
        assert!(!sender.restore(&mut envelope), "{text}");
        assert_eq!(content(&envelope), &InboundContent::text(text));
    }
    let mut of_another = text_from("+972509999999".parse().unwrap(), "1");
    assert!(!sender.restore(&mut of_another), "nobody asked them");
}

#[tokio::test]
async fn a_quoted_question_beats_the_last_one() {
    let (sender, memory) = plain();
    let sender = sender.degrading();
    let first = sender.send_content(dana(), yes_or_no()).await.unwrap();
    let rows = List::new("שעות", [Row::new("nine", "9:00"), Row::new("ten", "10:00").with_description("פנוי")]);
    sender.send_content(dana(), Interactive::list("מתי?", rows).unwrap()).await.unwrap();
    assert_eq!(said(&memory), "מתי?\n\n1. 9:00\n2. 10:00 – פנוי");
    let mut of_list = text_from(dana(), "2");
    assert!(sender.restore(&mut of_list));
    assert!(matches!(content(&of_list), InboundContent::Reply(Reply::Row { id, .. }) if id == "ten"));
    let quoting = InboundMessage::new("in-2".into(), Identity::from(dana()), InboundContent::text("2"));
    let event = Event::Message(quoting.with_reply_to(Some(first.id)));
    let mut of_first = Envelope::new(Memory::ID, "shop".into(), event, Bytes::new());
    assert!(sender.restore(&mut of_first));
    assert!(matches!(content(&of_first), InboundContent::Reply(Reply::Button { id, .. }) if id == "no"));
}

/// Dana's "2", changed by `change`.
fn two(change: impl FnOnce(InboundMessage) -> InboundMessage) -> Envelope {
    let message = InboundMessage::new("in-1".into(), dana().into(), InboundContent::text("2"));
    Envelope::new(Memory::ID, "shop".into(), Event::Message(change(message)), Bytes::new())
}

#[tokio::test]
async fn a_number_that_answers_something_else_is_no_tap() {
    let (sender, _) = plain();
    let sender = sender.degrading();
    let asked = sender.send_content(dana(), yes_or_no()).await.unwrap();
    assert!(!sender.restore(&mut two(|message| message.with_group(Some("g".into())))), "said in a group");
    assert!(!sender.restore(&mut two(|message| message.with_standby(true))), "another application answers");
    assert!(!sender.restore(&mut two(|message| message.with_reply_to(Some("other".into())))), "quotes something else");
    assert!(sender.restore(&mut two(|message| message)));
    assert!(!sender.restore(&mut two(|message| message)), "answered already");
    assert!(sender.restore(&mut two(|message| message.with_reply_to(Some(asked.id)))), "a quote says which is meant");
    for later in [
        Content::from("כמה אנשים?"),
        Location::new(32.0, 34.5).into(),
        MediaFile::link(MediaKind::Image, "https://files.example/a.jpg").unwrap().into(),
    ] {
        sender.send_content(dana(), yes_or_no()).await.unwrap();
        sender.send_text(dana(), " ").await.unwrap_err();
        sender.send_text("+972509999999".parse::<PhoneNumber>().unwrap(), "x").await.unwrap();
        let kind = later.kind();
        let mut open = two(|message| message);
        assert!(sender.restore(&mut open), "what was refused or went to others changes nothing");
        sender.send_content(dana(), yes_or_no()).await.unwrap();
        sender.send_content(dana(), later).await.unwrap();
        assert!(!sender.restore(&mut two(|message| message)), "{kind} came after the question");
    }
}

#[tokio::test]
async fn an_answer_to_an_earlier_question_leaves_the_last_one_open() {
    let (sender, _) = plain();
    let sender = sender.degrading();
    let first = sender.send_content(dana(), yes_or_no()).await.unwrap();
    let rows = List::new("שעות", [Row::new("nine", "9:00"), Row::new("ten", "10:00")]);
    sender.send_content(dana(), Interactive::list("מתי?", rows).unwrap()).await.unwrap();
    assert!(sender.restore(&mut two(|message| message.with_reply_to(Some(first.id)))));
    let mut last = two(|message| message);
    assert!(sender.restore(&mut last));
    assert!(matches!(content(&last), InboundContent::Reply(Reply::Row { id, .. }) if id == "ten"));
}

/// Asks in buttons, and says nothing more of how that went.
#[derive(Clone, Debug)]
struct Unsure(Memory, Retry);

#[async_trait]
impl Sender for Unsure {
    fn id(&self) -> ProviderId {
        self.0.id()
    }
    fn line(&self) -> &LineId {
        self.0.line()
    }
    fn capabilities(&self) -> Capabilities {
        Capabilities::none().with_text(600)
    }
    async fn send(&self, message: &OutboundMessage) -> Result<Receipt> {
        match &message.content {
            Content::Text(text) if text.body == "hangs" => std::future::pending().await,
            Content::Text(text) if text.body == "lost" => {
                Err(Error::new(self.id(), ErrorKind::Unavailable, "as scripted").with_retry(self.1))
            }
            _ => self.0.send(message).await,
        }
    }
}

#[tokio::test]
async fn what_may_have_been_sent_ends_a_question_and_what_was_not_does_not() {
    for (retry, open) in [(Retry::Ambiguous, false), (Retry::Backoff, true), (Retry::Never, true)] {
        let sender = Unsure(Memory::new("shop", Secret::from("s")), retry).degrading();
        sender.send_content(dana(), yes_or_no()).await.unwrap();
        sender.send_text(dana(), "lost").await.unwrap_err();
        assert_eq!(sender.restore(&mut two(|message| message)), open, "{retry:?}");
    }
    let said = Unsure(Memory::new("shop", Secret::from("s")), Retry::Never).degrading();
    let sender = said.clone().retrying(RetryPolicy::default().with_timeout(Duration::from_millis(20)));
    sender.send_content(dana(), yes_or_no()).await.unwrap();
    assert_eq!(sender.send_text(dana(), "hangs").await.unwrap_err().retry(), Retry::Ambiguous);
    assert!(!said.restore(&mut two(|message| message)), "given up while it was under way");
}

/// Has lists, but no titles above their rows, and no quotes.
#[derive(Clone, Debug)]
struct Untitled(Memory);

#[async_trait]
impl Sender for Untitled {
    fn id(&self) -> ProviderId {
        self.0.id()
    }
    fn line(&self) -> &LineId {
        self.0.line()
    }
    fn capabilities(&self) -> Capabilities {
        Capabilities::none().with_text(600).with_interactive(InteractiveKinds::of(&[InteractiveKind::List]), 0, 10)
    }
    fn check(&self, message: &OutboundMessage) -> Result<()> {
        self.capabilities().check(&self.id(), message)?;
        let titled = matches!(&message.content, Content::Interactive(Interactive { action: Action::List(list), .. })
            if list.sections.iter().any(|section| section.title.is_some()));
        if titled { Err(Error::new(self.id(), ErrorKind::Unsupported, "lists have no titles")) } else { Ok(()) }
    }
    async fn send(&self, message: &OutboundMessage) -> Result<Receipt> {
        self.check(message)?;
        self.0.send(message).await
    }
}

#[tokio::test]
async fn a_part_that_the_sender_lacks_is_said_in_words() {
    let memory = Memory::new("shop", Secret::from("s"));
    let sender = Untitled(memory.clone()).degrading();
    let row = || [Row::new("9", "9:00")];
    for (list, shown) in [
        (List::new("שעות", row()), "interactive"),
        (List::of_sections("שעות", [Section::new("בוקר", row())]), "מתי?\n\n*בוקר*\n1. 9:00"),
    ] {
        let ask = Interactive::list("מתי?", list).unwrap();
        sender.send(&OutboundMessage::new(dana(), ask).in_reply_to("m1".into())).await.unwrap();
        assert_eq!(said(&memory), shown, "the quote is left out, and decides nothing");
    }
    assert!(sender.restore(&mut text_from(dana(), "1")), "what was said in words is answered in words");
}

#[tokio::test]
async fn headers_places_cards_and_quotes_are_said_too() {
    let (sender, memory) = plain();
    let sender = sender.degrading();
    assert!(sender.capabilities().interactive.contains(InteractiveKind::List) && sender.capabilities().replies);
    let titled = yes_or_no().with_header(Header::Text("תור".into())).unwrap().with_footer("דנה").unwrap();
    sender.send_content(dana(), titled).await.unwrap();
    assert_eq!(said(&memory), "*תור*\n\nנתראה מחר?\n\n1. כן\n2. Not Now\n\n_דנה_");
    let picture = MediaFile::link(MediaKind::Image, "https://files.example/a.jpg").unwrap();
    sender.send_content(dana(), yes_or_no().with_header(Header::Media(picture)).unwrap()).await.unwrap();
    assert_eq!(memory.sent().pop().unwrap().1.content.kind(), "image");
    assert!(said(&memory).ends_with("2. Not Now"));
    let page = Interactive::url("לפרטים", UrlButton::new("לאתר", "https://studio.example/")).unwrap();
    sender.send_content(dana(), page).await.unwrap();
    assert_eq!(said(&memory), "לפרטים\n\nלאתר: https://studio.example/");
    sender.send_content(dana(), Location::new(32.0, 34.5).with_name("סטודיו")).await.unwrap();
    assert_eq!(said(&memory), "סטודיו\nhttps://maps.google.com/?q=32,34.5");
    let cards = Contacts::new([ContactCard::new("נועה לוי").with_phone("+972541112233")]).unwrap();
    sender.send_content(dana(), cards).await.unwrap();
    assert_eq!(said(&memory), "נועה לוי\n+972541112233");
    sender.send(&OutboundMessage::new(dana(), "כן").in_reply_to("m1".into())).await.unwrap();
    assert_eq!(memory.sent().pop().unwrap().1.reply_to, None);
    let sections = [Section::new("בוקר", [Row::new("9", "9:00")]), Section::new("ערב", [Row::new("18", "18:00")])];
    let list = Interactive::list("?", List::of_sections("b", sections)).unwrap();
    assert_eq!(question(&list).unwrap(), "?\n\n*בוקר*\n1. 9:00\n*ערב*\n2. 18:00");
    assert_eq!(answer(&list, "2").unwrap().id(), Some("18"));
}

#[tokio::test]
async fn what_has_no_words_is_refused_before_anything_is_sent() {
    let (sender, memory) = plain();
    let sender = sender.degrading();
    for action in [Action::CallPermission, Action::Catalog { thumbnail: None }] {
        let error = sender.send_content(dana(), Interactive::new("?", action).unwrap()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
    }
    let mut long = yes_or_no();
    long.body = Some("ש".repeat(700));
    assert_eq!(sender.send_content(dana(), long).await.unwrap_err().kind(), ErrorKind::InvalidMessage);
    let mut broken = yes_or_no();
    broken.action = Action::Buttons(vec![]);
    assert_eq!(sender.send_content(dana(), broken).await.unwrap_err().kind(), ErrorKind::InvalidMessage);
    assert!(memory.sent().is_empty());
}

#[tokio::test]
async fn one_person_is_not_written_to_too_often_while_others_are() {
    let memory = Memory::new("shop", Secret::from("s"));
    let policy = ThrottlePolicy::default()
        .with_pair(Duration::from_millis(200), NonZeroU32::new(2).unwrap())
        .with_max_wait(Duration::from_millis(300));
    let sender = memory.clone().throttling(policy);
    let begun = std::time::Instant::now();
    for _ in 0..2 {
        sender.send_text(dana(), "x").await.unwrap();
    }
    assert!(begun.elapsed() < Duration::from_millis(150), "a burst goes out at once");
    sender.send_text(dana(), "x").await.unwrap();
    assert!(begun.elapsed() >= Duration::from_millis(150), "{:?}", begun.elapsed());
    let others = std::time::Instant::now();
    sender.send_text("+972509999999".parse::<PhoneNumber>().unwrap(), "x").await.unwrap();
    assert!(others.elapsed() < Duration::from_millis(150), "others are not held up");
    let strict = memory.throttling(policy.with_pair(Duration::from_secs(6), NonZeroU32::new(1).unwrap()));
    strict.send_text(dana(), "x").await.unwrap();
    let error = strict.send_text(dana(), "x").await.unwrap_err();
    let Retry::After(wait) = error.retry() else { unreachable!() };
    assert_eq!(error.kind(), ErrorKind::RateLimited);
    assert!(wait > Duration::from_secs(4) && wait <= Duration::from_secs(6), "{wait:?}");
}

#[tokio::test]
async fn a_line_keeps_to_its_rate() {
    let memory = Memory::new("shop", Secret::from("s"));
    let policy = ThrottlePolicy::default().with_rate(NonZeroU32::new(20).unwrap());
    let sender = memory.throttling(policy).retrying(RetryPolicy::default());
    let begun = std::time::Instant::now();
    for n in 0..30 {
        sender.send_text(format!("+9725000000{n:02}").parse::<PhoneNumber>().unwrap(), "x").await.unwrap();
    }
    assert!(begun.elapsed() >= Duration::from_millis(450), "20 at once, 10 in half a second: {:?}", begun.elapsed());
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn what_is_refused_anyway_takes_no_turn() {
    let (sender, _) = plain();
    let once = ThrottlePolicy::default().with_pair(Duration::from_secs(60), NonZeroU32::MIN);
    let sender = sender.throttling(once.with_max_wait(Duration::ZERO));
    for _ in 0..3 {
        assert_eq!(sender.send_text(dana(), " ").await.unwrap_err().kind(), ErrorKind::InvalidMessage);
    }
    sender.send_text(dana(), "x").await.unwrap();
}

#[tokio::test]
async fn what_its_words_make_too_long_takes_no_turn() {
    let (sender, memory) = plain();
    let once = ThrottlePolicy::default().with_pair(Duration::from_secs(60), NonZeroU32::MIN);
    let sender = sender.degrading().throttling(once.with_max_wait(Duration::ZERO)).retrying(RetryPolicy::default());
    let mut long = yes_or_no();
    long.body = Some("ש".repeat(595));
    for _ in 0..3 {
        let message = OutboundMessage::new(dana(), long.clone());
        assert_eq!(sender.check(&message).unwrap_err().kind(), ErrorKind::InvalidMessage);
        assert_eq!(sender.send(&message).await.unwrap_err().kind(), ErrorKind::InvalidMessage);
        let form = Interactive::new("?", Action::CallPermission).unwrap();
        assert_eq!(sender.send_content(dana(), form).await.unwrap_err().kind(), ErrorKind::Unsupported);
    }
    sender.send_content(dana(), yes_or_no()).await.unwrap();
    assert_eq!(memory.sent().len(), 1);
}

#[tokio::test]
async fn a_persons_turn_is_spent_by_a_send_only() {
    let memory = Memory::new("shop", Secret::from("s"));
    let policy = ThrottlePolicy::default()
        .with_rate(NonZeroU32::MIN)
        .with_pair(Duration::from_secs(3600), NonZeroU32::MIN)
        .with_max_wait(Duration::from_millis(1500));
    let sender = memory.clone().throttling(policy);
    sender.send_text("+972509999999".parse::<PhoneNumber>().unwrap(), "x").await.unwrap();
    // The line has no turn for a second: whoever gives up before that has not used up the one turn with Dana.
    tokio::time::timeout(Duration::from_millis(50), sender.send_text(dana(), "x")).await.unwrap_err();
    sender.send_text(dana(), "x").await.unwrap();
    assert_eq!(memory.sent().len(), 2);
}

#[tokio::test]
async fn a_policy_without_bounds_is_a_policy() {
    let memory = Memory::new("shop", Secret::from("s"));
    let policy =
        ThrottlePolicy::default().with_max_wait(Duration::MAX).with_pair(Duration::MAX, NonZeroU32::new(2).unwrap());
    let sender = memory.clone().throttling(policy).retrying(RetryPolicy::default().with_timeout(Duration::MAX));
    sender.send_text(dana(), "x").await.unwrap();
    sender.send_text(dana(), "x").await.unwrap();
    let third = tokio::time::timeout(Duration::from_millis(50), sender.send_text(dana(), "x")).await;
    assert!(third.is_err(), "waits for as long as it takes");
    let many = memory.throttling(policy.with_pair(Duration::MAX, NonZeroU32::MAX));
    for _ in 0..3 {
        many.send_text(dana(), "x").await.unwrap();
    }
}

/// Never answers.
#[derive(Clone, Debug)]
struct Silent(Memory);

#[async_trait]
impl Sender for Silent {
    fn id(&self) -> ProviderId {
        self.0.id()
    }
    fn line(&self) -> &LineId {
        self.0.line()
    }
    fn capabilities(&self) -> Capabilities {
        self.0.capabilities()
    }
    async fn send(&self, _: &OutboundMessage) -> Result<Receipt> {
        std::future::pending().await
    }
}

#[tokio::test]
async fn the_wait_for_a_turn_is_no_wait_for_an_answer() {
    let memory = Memory::new("shop", Secret::from("s"));
    let slow = ThrottlePolicy::default()
        .with_pair(Duration::from_millis(300), NonZeroU32::MIN)
        .with_max_wait(Duration::from_millis(400));
    let impatient = RetryPolicy::default().with_attempts(1).with_timeout(Duration::from_millis(50));
    let sender = memory.clone().throttling(slow).retrying(impatient);
    sender.send_text(dana(), "x").await.unwrap();
    sender.send_text(dana(), "x").await.unwrap();
    assert_eq!(memory.sent().len(), 2);
    assert_eq!(sender.max_wait(), Duration::from_millis(400));
    let thrice = memory
        .clone()
        .throttling(slow)
        .retrying(impatient.with_attempts(3).with_pauses(Duration::from_millis(1), Duration::from_millis(10)));
    // Twice a turn, an answer and a pause, and a turn.
    assert_eq!(thrice.max_wait(), Duration::from_millis(2 * (400 + 50 + 10) + 400));
    let silent = Silent(memory).throttling(slow).retrying(impatient);
    assert_eq!(silent.send_text(dana(), "x").await.unwrap_err().retry(), Retry::Ambiguous);
}
