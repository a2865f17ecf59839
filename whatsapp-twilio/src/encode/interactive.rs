//! From a message that asks for a tap to the content that carries it. Pure, and the same for the same message: the
//! content's name stands for all of it.
//!
//! What Twilio's documentation shows no placeholder for stands in the content itself: headers, footers, files, forms,
//! things for sale, and the text of a button that opens a page. Source: Twilio, Content API, content types.
use sha2::{Digest, Sha256};
use whatsapp_core::{
    Action, Error, ErrorKind, Flow, FlowRef, FlowStart, Header, Interactive, List, MediaFile, MediaSource, Product,
    Products, ReplyButton, Result, UrlButton,
};

use super::values::{Values, plain};
use crate::{
    ID,
    content::{
        Catalog, CatalogItem, ContentAction, ContentDraft, ContentType, ListItem, ListPicker, WhatsappCard,
        WhatsappFlow,
    },
    endpoint::invalid,
};

/// The content does not say which language it speaks; Twilio wants some.
const LANGUAGE: &str = "en";
/// Longest text of a list, in characters. Source: Twilio, `twilio/list-picker`.
const LIST_BODY: usize = 1024;
/// Longest text above buttons that open something. Source: Twilio, `twilio/call-to-action`.
const LINK_BODY: usize = 640;

/// A message as a content and the values for its placeholders.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) draft: ContentDraft,
    pub(crate) variables: Vec<(String, String)>,
}

/// The content that asks `ask`.
pub(crate) fn session(ask: &Interactive) -> Result<Session> {
    let mut values = Values::default();
    let kind = match &ask.action {
        Action::Buttons(buttons) => {
            let body = body(ask, &mut values, usize::MAX)?;
            let actions = replies(&mut values, buttons)?;
            if is_plain(ask) { ContentType::quick_reply(body, actions) } else { card(ask, body, actions)? }
        }
        Action::Url(button) => {
            let body = body(ask, &mut values, if is_plain(ask) { LINK_BODY } else { usize::MAX })?;
            let actions = vec![link(&mut values, button)?];
            if is_plain(ask) { ContentType::call_to_action(body, actions) } else { card(ask, body, actions)? }
        }
        Action::List(list) => picker(ask, &mut values, list)?,
        Action::Flow(flow) => form(ask, &mut values, flow)?,
        Action::Product(product) => catalog(ask, &mut values, &product.catalog_id, one(product)?)?,
        Action::Products(products) => catalog(ask, &mut values, &products.catalog_id, several(products)?)?,
        other => {
            let problem = format!("{} cannot be sent by this provider", other.kind().as_str());
            return Err(Error::new(ID, ErrorKind::Unsupported, problem));
        }
    };
    let draft = ContentDraft::new(LANGUAGE, kind);
    let draft = values.samples().fold(draft, |draft, (name, sample)| draft.with_sample(name, sample));
    let name = name_of(&draft)?;
    Ok(Session { draft: draft.named(name), variables: values.into_pairs() })
}

/// `session_` and sixteen digits that stand for all of the content.
fn name_of(draft: &ContentDraft) -> Result<String> {
    let bytes = serde_json::to_vec(draft).map_err(|error| {
        Error::new(ID, ErrorKind::InvalidMessage, "interactive: it cannot be written").with_source(error)
    })?;
    let mut digest = hex::encode(Sha256::digest(bytes));
    digest.truncate(16);
    Ok(format!("session_{digest}"))
}

fn body(ask: &Interactive, values: &mut Values, longest: usize) -> Result<String> {
    let Some(body) = ask.body.as_deref() else {
        return Err(invalid("interactive.body: Twilio needs one for this action; give the message a text"));
    };
    let length = body.chars().count();
    if length > longest {
        return Err(invalid(format!("interactive.body has {length} characters, the limit of Twilio is {longest}")));
    }
    values.long("interactive.body", body)
}

fn is_plain(ask: &Interactive) -> bool {
    ask.header.is_none() && ask.footer.is_none()
}

/// Refuses what stands above and below the body.
fn bare(ask: &Interactive, why: &str) -> Result<()> {
    let found = [("header", ask.header.is_some()), ("footer", ask.footer.is_some())].into_iter().find(|(_, is)| *is);
    found.map_or(Ok(()), |(part, _)| Err(no_place(&format!("interactive.{part}"), why, "Put its words into the body.")))
}

fn no_place(field: &str, why: &str, cure: &'static str) -> Error {
    Error::new(ID, ErrorKind::Unsupported, format!("{field}: {why}")).with_advice(cure)
}

fn replies(values: &mut Values, buttons: &[ReplyButton]) -> Result<Vec<ContentAction>> {
    let reply = |(at, button): (usize, &ReplyButton)| {
        let title = values.line(&format!("interactive.buttons[{at}].title"), &button.title)?;
        Ok(ContentAction::reply(values.line(&format!("interactive.buttons[{at}].id"), &button.id)?, title))
    };
    buttons.iter().enumerate().map(reply).collect()
}

/// A button that opens a page. Twilio's table says of its text that it takes no placeholder.
fn link(values: &mut Values, button: &UrlButton) -> Result<ContentAction> {
    let title = plain("interactive.url.text", &button.text)?;
    Ok(ContentAction::url(title, values.link("interactive.url.url", &button.url)?))
}

/// Buttons with something above or below the body.
fn card(ask: &Interactive, body: String, actions: Vec<ContentAction>) -> Result<ContentType> {
    let mut card = WhatsappCard { body, actions, ..WhatsappCard::default() };
    match &ask.header {
        Some(Header::Text(text)) => card.header_text = Some(plain("interactive.header", text)?),
        Some(Header::Media(file)) => card.media = vec![file_link(file)?],
        _ => {}
    }
    card.footer = footer(ask)?;
    Ok(ContentType::WhatsappCard(card))
}

fn footer(ask: &Interactive) -> Result<Option<String>> {
    ask.footer.as_deref().map(|footer| plain("interactive.footer", footer)).transpose()
}

fn file_link(file: &MediaFile) -> Result<String> {
    match &file.source {
        MediaSource::Link(url) => plain("interactive.header", url.as_str()),
        _ => Err(no_place("interactive.header", "Twilio has no uploads", "Give the file by a public link.")),
    }
}

fn picker(ask: &Interactive, values: &mut Values, list: &List) -> Result<ContentType> {
    bare(ask, "Twilio's lists have none")?;
    let titled = |title: &Option<String>| title.as_deref().is_some_and(|title| !title.trim().is_empty());
    if list.sections.len() > 1 || list.sections.iter().any(|section| titled(&section.title)) {
        let why = "Twilio's lists have no sections";
        return Err(no_place("interactive.list.sections", why, "Put all rows into one section without a title."));
    }
    let body = body(ask, values, LIST_BODY)?;
    let button = values.line("interactive.list.button", &list.button)?;
    let item = |(at, row): (usize, &whatsapp_core::Row)| {
        let field = |name: &str| format!("interactive.list.rows[{at}].{name}");
        let description = row.description.as_deref().filter(|description| !description.trim().is_empty());
        Ok(ListItem {
            item: values.line(&field("title"), &row.title)?,
            id: values.line(&field("id"), &row.id)?,
            description: description.map(|words| values.line(&field("description"), words)).transpose()?,
        })
    };
    let items = list.rows().enumerate().map(item).collect::<Result<_>>()?;
    Ok(ContentType::ListPicker(ListPicker { body, button, items }))
}

/// A token is different each time, so it goes as a value, too.
fn form(ask: &Interactive, values: &mut Values, flow: &Flow) -> Result<ContentType> {
    let FlowRef::Id(id) = &flow.reference else {
        return Err(no_place("interactive.flow.reference", "Twilio knows forms by id only", "Give the form's id."));
    };
    if flow.draft {
        return Err(no_place("interactive.flow.draft", "Twilio sends no drafts", "Publish the form first."));
    }
    let (first_page, is_endpoint) = match &flow.start {
        Some(FlowStart::Screen { data: Some(_), .. }) => {
            let cure = "Let the form's endpoint bring the data.";
            return Err(no_place("interactive.flow.start.data", "Twilio hands no data to a form", cure));
        }
        Some(FlowStart::Screen { screen, .. }) => (screen.as_deref(), None),
        Some(FlowStart::Endpoint) => (None, Some(true)),
        _ => (None, None),
    };
    let media_url = match &ask.header {
        Some(Header::Media(file)) => Some(file_link(file)?),
        Some(_) => {
            let why = "Twilio shows no text above a form";
            return Err(no_place("interactive.header", why, "Put its words into the body."));
        }
        None => None,
    };
    Ok(ContentType::WhatsappFlow(WhatsappFlow {
        body: body(ask, values, usize::MAX)?,
        button_text: plain("interactive.flow.cta", &flow.cta)?,
        flow_id: plain("interactive.flow.reference", id)?,
        flow_token: flow.token.as_deref().map(|token| values.line("interactive.flow.token", token)).transpose()?,
        flow_first_page_id: first_page.map(|page| plain("interactive.flow.start.screen", page)).transpose()?,
        is_flow_first_page_endpoint: is_endpoint,
        subtitle: footer(ask)?,
        media_url,
    }))
}

fn one(product: &Product) -> Result<Vec<CatalogItem>> {
    let id = Some(plain("interactive.product.product_id", &product.product_id)?);
    Ok(vec![CatalogItem { id, ..CatalogItem::default() }])
}

fn several(products: &Products) -> Result<Vec<CatalogItem>> {
    let mut items = Vec::new();
    for (at, section) in products.sections.iter().enumerate() {
        let field = format!("interactive.products.sections[{at}]");
        let title = Some(plain(&format!("{field}.title"), &section.title)?).filter(|title| !title.trim().is_empty());
        for (at, id) in section.products.iter().enumerate() {
            let id = Some(plain(&format!("{field}.products[{at}]"), id)?);
            items.push(CatalogItem { id, section_title: title.clone(), ..CatalogItem::default() });
        }
    }
    Ok(items)
}

fn catalog(ask: &Interactive, values: &mut Values, id: &str, items: Vec<CatalogItem>) -> Result<ContentType> {
    let title = match &ask.header {
        Some(Header::Text(text)) => Some(plain("interactive.header", text)?),
        _ => None,
    };
    Ok(ContentType::Catalog(Catalog {
        body: body(ask, values, usize::MAX)?,
        title,
        subtitle: footer(ask)?,
        id: Some(plain("interactive.catalog_id", id)?),
        items,
        dynamic_items: None,
    }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// What is shown is what was written: by a value, or word by word.
        #[test]
        fn every_body_is_shown_as_written(body in "[א-ת{}1 \n\t]{1,40}") {
            let Ok(ask) = Interactive::buttons(&*body, [ReplyButton::new("yes", "כן")]) else { return Ok(()) };
            let has_gap = body.split(|c: char| !c.is_whitespace()).any(|blanks| blanks.chars().count() > 4);
            match session(&ask) {
                Ok(Session { draft, variables }) => {
                    let shown = draft.types.first().and_then(ContentType::body).map(str::to_owned);
                    prop_assert_eq!(draft.variables.len(), variables.len());
                    let values: Vec<_> = variables.iter().map(|(_, value)| value.as_str()).collect();
                    if has_gap {
                        prop_assert_eq!((shown, values), (Some(body), vec!["כן", "yes"]));
                    } else {
                        prop_assert_eq!(shown.as_deref(), Some("{{1}}"));
                        prop_assert_eq!(values, vec![body.as_str(), "כן", "yes"]);
                    }
                }
                Err(error) => prop_assert!(has_gap && body.contains("{{"), "{}", error),
            }
        }
    }
}
