//! Whether the values beside the body's fit their template. Source: Meta, Cloud API reference, template messages.
use whatsapp_core::{ButtonValue, MediaKind, Result, TemplateButton, TemplateCard, TemplateHeader};

use super::{
    super::{Button, Card, Component, Header, HeaderFormat, rules::refuse, wording::names},
    counted, values,
};

/// Whether `given` is what the header among `components` takes.
pub(super) fn header(part: &str, components: &[Component], given: Option<&TemplateHeader>) -> Result<()> {
    let known = components.iter().find_map(|component| match component {
        Component::Header(header) => Some(header),
        _ => None,
    });
    let wanted = match known {
        None => None,
        Some(Header { format: HeaderFormat::Text, text, .. }) => {
            let Some(name) = names(text.as_deref().unwrap_or_default()).first().copied() else {
                return nothing(part, given);
            };
            if let Some(TemplateHeader::Text { name: Some(known), .. }) = given
                && known != name
            {
                return Err(refuse(format!("{part}: the template has no {{{{{known}}}}}")));
            }
            Some("text")
        }
        Some(Header { format: HeaderFormat::Image, .. }) => Some("image"),
        Some(Header { format: HeaderFormat::Video | HeaderFormat::Gif, .. }) => Some("video"),
        Some(Header { format: HeaderFormat::Document, .. }) => Some("document"),
        Some(Header { format: HeaderFormat::Location, .. }) => Some("location"),
        Some(Header { format: HeaderFormat::Product, .. }) => Some("product"),
        // Nobody knows what it takes.
        Some(Header { format: HeaderFormat::Other(_), .. }) => return Ok(()),
    };
    let Some(wanted) = wanted else { return nothing(part, given) };
    match given.map(kind) {
        Some(kind) if kind == wanted => Ok(()),
        Some(kind) => Err(refuse(format!("{part}: the template takes {wanted}, {kind} is given"))),
        None => Err(refuse(format!("{part}: the template takes {wanted}, nothing is given"))),
    }
}

fn nothing(part: &str, given: Option<&TemplateHeader>) -> Result<()> {
    match given {
        Some(given) => Err(refuse(format!("{part}: the template takes no value, {} is given", kind(given)))),
        None => Ok(()),
    }
}

fn kind(header: &TemplateHeader) -> &'static str {
    match header {
        TemplateHeader::Text { .. } => "text",
        TemplateHeader::Media(file) if file.kind == MediaKind::Image => "image",
        TemplateHeader::Media(file) if file.kind == MediaKind::Video => "video",
        TemplateHeader::Media(_) => "document",
        TemplateHeader::Location(_) => "location",
        TemplateHeader::Product(_) => "product",
        _ => "another value",
    }
}

/// Whether `given` are what the buttons among `components` take.
pub(super) fn buttons(part: &str, components: &[Component], given: &[TemplateButton]) -> Result<()> {
    let known = components.iter().find_map(|component| match component {
        Component::Buttons(buttons) => Some(buttons.buttons.as_slice()),
        _ => None,
    });
    let known = known.unwrap_or_default();
    for button in given {
        let at = button.index;
        let Some(of) = known.get(usize::from(at)) else {
            let count = counted(known.len(), "button");
            return Err(refuse(format!("{part}[{at}]: the template has {count}, counted from 0")));
        };
        if !fits(of, &button.value) {
            return Err(refuse(format!("{part}[{at}]: a button of kind {} does not take this value", of.kind())));
        }
    }
    let missing = known
        .iter()
        .enumerate()
        .find(|(at, of)| needs_value(of) && !given.iter().any(|button| usize::from(button.index) == *at));
    match missing {
        Some((at, of)) => Err(refuse(format!("{part}[{at}]: the button of kind {} has no value", of.kind()))),
        None => Ok(()),
    }
}

fn ends_open(button: &Button) -> bool {
    matches!(button, Button::Url(of) if !names(&of.url).is_empty())
}

fn needs_value(button: &Button) -> bool {
    ends_open(button) || matches!(button, Button::CopyCode { .. } | Button::Otp(_) | Button::Mpm { .. })
}

fn fits(button: &Button, value: &ButtonValue) -> bool {
    match value {
        ButtonValue::QuickReply { .. } => matches!(button, Button::QuickReply { .. } | Button::Other(_)),
        // Meta lists a button that copies a one-time code as one that opens a page.
        ButtonValue::Url { .. } => ends_open(button) || matches!(button, Button::Otp(_) | Button::Other(_)),
        ButtonValue::CopyCode { .. } => matches!(button, Button::CopyCode { .. } | Button::Other(_)),
        ButtonValue::Flow { .. } => matches!(button, Button::Flow(_) | Button::Other(_)),
        ButtonValue::Catalog { .. } => matches!(button, Button::Catalog { .. } | Button::Other(_)),
        ButtonValue::Products { .. } => matches!(button, Button::Mpm { .. } | Button::Other(_)),
        ButtonValue::Call { .. } => matches!(button, Button::VoiceCall { .. } | Button::Other(_)),
        _ => true,
    }
}

/// Whether `given` are what the cards among `components` take.
pub(super) fn cards(components: &[Component], given: &[TemplateCard]) -> Result<()> {
    let known: &[Card] = components
        .iter()
        .find_map(|component| match component {
            Component::Carousel { cards } => Some(cards.as_slice()),
            _ => None,
        })
        .unwrap_or_default();
    if known.len() != given.len() {
        let (has, gets) = (counted(known.len(), "card"), counted(given.len(), "card"));
        let verb = if given.len() == 1 { "is" } else { "are" };
        return Err(refuse(format!("carousel: the template has {has}, {gets} {verb} given")));
    }
    for (at, (of, card)) in known.iter().zip(given).enumerate() {
        let part = |name: &str| format!("carousel.cards[{at}].{name}");
        let text = of.components.iter().find_map(|component| match component {
            Component::Body(body) => body.text.as_deref(),
            _ => None,
        });
        header(&part("header"), &of.components, Some(&card.header))?;
        values(&part("body"), text.unwrap_or_default(), &card.parameters)?;
        buttons(&part("buttons"), &of.components, &card.buttons)?;
    }
    Ok(())
}
