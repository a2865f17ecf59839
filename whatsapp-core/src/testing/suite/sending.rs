//! What is sent arrives as meant.
use super::{dana, hello};
use crate::{
    ContactCard, Contacts, Content, CorrelationId, ErrorKind, Interactive, InteractiveKind, List, Location, MediaFile,
    MediaKind, OutboundMessage, Reaction, ReplyButton, Row, Sender, SenderExt, Template,
    testing::{Accepted, Harness},
};

/// Sends `content`; `None` if the provider cannot and says so before any I/O.
async fn sent_if<H: Harness>(can: impl Fn(crate::Capabilities) -> bool, content: Content) -> Option<Accepted> {
    let harness = H::start().await;
    let provider = harness.build(&harness.settings()).unwrap();
    let sent = provider.send_content(dana(), content).await;
    if can(provider.capabilities()) {
        sent.unwrap();
        return harness.accepted().pop();
    }
    assert_eq!((sent.unwrap_err().kind(), harness.requests()), (ErrorKind::Unsupported, 0));
    None
}

pub async fn accepts_text<H: Harness>() {
    let harness = H::start().await;
    let receipt = harness.build(&harness.settings()).unwrap().send(&hello()).await.unwrap();
    let accepted = harness.accepted();
    assert_eq!(accepted.len(), 1);
    assert_eq!((accepted[0].id.clone(), accepted[0].to.as_str()), (receipt.id, dana().digits()));
    assert_eq!((accepted[0].kind.as_str(), accepted[0].text.as_deref()), ("text", Some("שלום")));
}

pub async fn hebrew_and_emoji_round_trip<H: Harness>() {
    let harness = H::start().await;
    let text = "שלום דנה! 👋🏽 ₪50 + 20% = \"מבצע\"\nشكرا & <b> \\u05d0 +972 100%";
    harness.build(&harness.settings()).unwrap().send_text(dana(), text).await.unwrap();
    assert_eq!(harness.accepted()[0].text.as_deref(), Some(text));
}

pub async fn quotes_a_message<H: Harness>() {
    let harness = H::start().await;
    let provider = harness.build(&harness.settings()).unwrap();
    let reply = hello().in_reply_to("quoted-1".into());
    let sent = provider.send(&reply).await;
    if provider.capabilities().replies {
        sent.unwrap();
        assert_eq!(harness.accepted()[0].reply_to.as_deref(), Some("quoted-1"));
    } else {
        assert_eq!(sent.unwrap_err().kind(), ErrorKind::Unsupported);
        assert_eq!(harness.requests(), 0);
    }
}

pub async fn sends_media_by_link<H: Harness>() {
    let harness = H::start().await;
    let provider = harness.build(&harness.settings()).unwrap();
    let kinds = provider.capabilities().media;
    assert!(!kinds.is_empty());
    for kind in kinds {
        let link = harness.link_of(*kind);
        let mut file = MediaFile::link(*kind, &link).unwrap();
        if !matches!(kind, MediaKind::Audio | MediaKind::Sticker) {
            file = file.with_caption("תפריט 📄");
        }
        let captioned = file.caption.clone();
        provider.send_content(dana(), file).await.unwrap();
        let last = harness.accepted().pop().unwrap();
        assert_eq!(last.kind, kind.as_str());
        assert_eq!(last.link, Some(link));
        assert_eq!(last.text, captioned);
    }
}

pub async fn sends_media_by_id<H: Harness>() {
    let file = MediaFile::uploaded(MediaKind::Image, "880000000000001").with_caption("תפריט");
    if let Some(accepted) = sent_if::<H>(|can| can.media_ids, file.into()).await {
        assert_eq!((accepted.kind.as_str(), accepted.link.as_deref()), ("image", Some("880000000000001")));
        assert_eq!(accepted.text.as_deref(), Some("תפריט"));
    }
}

pub async fn sends_buttons<H: Harness>() {
    let buttons = [ReplyButton::new("yes", "כן 👍"), ReplyButton::new("no", "לא")];
    let ask = Interactive::buttons("נתראה מחר?", buttons).unwrap();
    let can = |can: crate::Capabilities| can.interactive.contains(InteractiveKind::Buttons);
    if let Some(accepted) = sent_if::<H>(can, ask.into()).await {
        assert_eq!((accepted.kind.as_str(), accepted.text.as_deref()), ("interactive", Some("נתראה מחר?")));
        assert_eq!(accepted.parameters, ["כן 👍", "לא"]);
    }
}

pub async fn sends_a_list<H: Harness>() {
    let rows = (1..=10).map(|n| Row::new(format!("row-{n}"), format!("{n}:00")).with_description("פנוי"));
    let ask = Interactive::list("מתי נוח?", List::new("שעות", rows)).unwrap();
    let can = |can: crate::Capabilities| can.interactive.contains(InteractiveKind::List);
    if let Some(accepted) = sent_if::<H>(can, ask.into()).await {
        assert_eq!((accepted.kind.as_str(), accepted.text.as_deref()), ("interactive", Some("מתי נוח?")));
        assert_eq!(accepted.parameters.len(), 10);
        assert_eq!(accepted.parameters[9], "10:00");
    }
}

pub async fn sends_contacts<H: Harness>() {
    let card = ContactCard::new("דנה כהן").with_phone("+972501234567");
    if let Some(accepted) = sent_if::<H>(|can| can.contacts, Contacts::new([card]).unwrap().into()).await {
        assert_eq!((accepted.kind.as_str(), accepted.text.as_deref()), ("contacts", Some("דנה כהן")));
    }
}

pub async fn broken_limits_fail_before_io<H: Harness>() {
    let harness = H::start().await;
    let provider = harness.build(&harness.settings()).unwrap();
    let mut ask = Interactive::buttons("?", [ReplyButton::new("a", "b")]).unwrap();
    ask.body = Some("x".repeat(1025));
    let mut nobody = Contacts::default();
    nobody.contacts.push(ContactCard::default());
    let mut nameless = Template::new("", "he");
    nameless.text = Some("words".to_owned());
    let broken: Vec<Content> =
        vec![ask.into(), nobody.into(), nameless.into(), Location::new(f64::NAN, 0.0).into(), "".into()];
    for content in broken {
        let kind = provider.send_content(dana(), content).await.unwrap_err().kind();
        assert!(matches!(kind, ErrorKind::InvalidMessage | ErrorKind::Unsupported), "{kind}");
    }
    assert_eq!(harness.requests(), 0);
}

pub async fn sends_a_template<H: Harness>() {
    let harness = H::start().await;
    let provider = harness.build(&harness.settings()).unwrap();
    let template = Template::new("HX00000000000000000000000000000001", "he")
        .with_parameters(["דנה", "10:00"])
        .with_text("שלום {{1}}, נתראה ב-{{2}}");
    provider.send_template(dana(), template.clone()).await.unwrap();
    let accepted = harness.accepted().pop().unwrap();
    if provider.capabilities().templates {
        assert_eq!((accepted.kind.as_str(), accepted.text.as_deref()), ("template", Some(template.name.as_str())));
        assert_eq!(accepted.parameters, ["דנה", "10:00"]);
    } else {
        assert_eq!((accepted.kind.as_str(), accepted.text), ("text", template.rendered()));
        let wordless = provider.send_template(dana(), Template::new("reminder", "he")).await;
        assert_eq!(wordless.unwrap_err().kind(), ErrorKind::Unsupported);
    }
}

pub async fn sends_a_location<H: Harness>() {
    let harness = H::start().await;
    let provider = harness.build(&harness.settings()).unwrap();
    let place = Location::new(32.0853, 34.7818).with_name("הסטודיו").with_address("דיזנגוף 50");
    let sent = provider.send_content(dana(), place).await;
    if provider.capabilities().locations {
        sent.unwrap();
        let accepted = harness.accepted().pop().unwrap();
        assert_eq!((accepted.kind.as_str(), accepted.text.as_deref()), ("location", Some("32.0853,34.7818")));
        let nowhere = provider.send_content(dana(), Location::new(91.0, 0.0)).await;
        assert_eq!(nowhere.unwrap_err().kind(), ErrorKind::InvalidMessage);
    } else {
        assert_eq!(sent.unwrap_err().kind(), ErrorKind::Unsupported);
    }
}

pub async fn sends_and_removes_a_reaction<H: Harness>() {
    let harness = H::start().await;
    let provider = harness.build(&harness.settings()).unwrap();
    let added = provider.react(dana(), "target-1".into(), "👍").await;
    if !provider.capabilities().reactions {
        assert_eq!(added.unwrap_err().kind(), ErrorKind::Unsupported);
        return;
    }
    added.unwrap();
    let accepted = harness.accepted().pop().unwrap();
    assert_eq!((accepted.kind.as_str(), accepted.text.as_deref()), ("reaction", Some("👍")));
    provider.send_content(dana(), Reaction::removal("target-1".into())).await.unwrap();
    assert_eq!(harness.accepted().pop().unwrap().text.unwrap_or_default(), "");
}

pub async fn carries_the_correlation<H: Harness>() {
    let harness = H::start().await;
    let provider = harness.build(&harness.settings()).unwrap();
    let id = CorrelationId::from_bytes([0xAB; 16]);
    let receipt = provider.send(&hello().with_correlation(id)).await.unwrap();
    if let Some(assigned) = provider.assigned_id(id) {
        assert_eq!(receipt.id, assigned);
        return;
    }
    assert_eq!(harness.accepted()[0].correlation, Some(id));
    assert!(provider.capabilities().echoes_correlation);
}

pub async fn longest_text_passes_and_longer_fails_before_io<H: Harness>() {
    let harness = H::start().await;
    let provider = harness.build(&harness.settings()).unwrap();
    let max = provider.capabilities().text_max_chars as usize;
    provider.send_text(dana(), &"ש".repeat(max)).await.unwrap();
    let seen = harness.requests();
    let error = provider.send_text(dana(), &"ש".repeat(max + 1)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidMessage);
    assert!(error.to_string().contains("text.body") && error.to_string().contains(&max.to_string()), "{error}");
    assert_eq!(harness.requests(), seen);
}

pub async fn empty_text_fails_before_io<H: Harness>() {
    let harness = H::start().await;
    let error = harness.build(&harness.settings()).unwrap().send_text(dana(), " \n").await.unwrap_err();
    assert_eq!((error.kind(), harness.requests()), (ErrorKind::InvalidMessage, 0));
}

pub async fn unsupported_fails_before_io<H: Harness>() {
    let harness = H::start().await;
    let provider = harness.build(&harness.settings()).unwrap();
    let can = provider.capabilities();
    let mut cannot: Vec<Content> = Vec::new();
    if !can.locations {
        cannot.push(Location::new(0.0, 0.0).into());
    }
    if !can.reactions {
        cannot.push(Reaction::new("m".into(), "👍").into());
    }
    if !can.templates {
        cannot.push(Template::new("reminder", "he").into());
    }
    if !can.media.contains(&MediaKind::Sticker) {
        cannot.push(MediaFile::link(MediaKind::Sticker, "https://files.example/s.webp").unwrap().into());
    }
    for content in cannot {
        let error = provider.send(&OutboundMessage::new(dana(), content)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
    }
    assert_eq!(harness.requests(), 0);
}
