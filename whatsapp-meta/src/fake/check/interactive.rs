//! Interactive messages, checked as Meta checks them. Source: Meta, Cloud API reference, interactive messages.
use serde_json::{Map, Value};
use whatsapp_core::testing::Accepted;

use super::{Checked, bounded, invalid, missing, only_keys, text, unexpected};

pub(super) fn read(content: &Value, fields: &Map<String, Value>, message: &mut Accepted) -> Checked<()> {
    only_keys(fields, &["type", "header", "body", "footer", "action"])?;
    let kind = text(content, "type")?;
    let longest = if kind == "list" { 4096 } else { 1024 };
    if let Some(body) = content.get("body") {
        message.text = Some(bounded(body, "text", longest)?.to_owned());
    } else if !matches!(kind, "product" | "call_permission_request") {
        return Err(missing("body"));
    }
    if let Some(footer) = content.get("footer") {
        bounded(footer, "text", 60)?;
    }
    if let Some(header) = content.get("header") {
        check_header(kind, header)?;
    }
    let action = content.get("action").ok_or_else(|| missing("action"))?;
    match kind {
        "button" => message.parameters = buttons(action, "reply", 3)?,
        "list" => message.parameters = rows(action)?,
        "cta_url" => url(action)?,
        "product" => {
            bounded(action, "catalog_id", 256)?;
            bounded(action, "product_retailer_id", 256)?;
        }
        "product_list" => drop(bounded(action, "catalog_id", 256)?),
        "carousel" => cards(action)?,
        "flow"
        | "address_message"
        | "call_permission_request"
        | "voice_call"
        | "request_contact_info"
        | "catalog_message" => named(action, kind)?,
        "location_request_message" => named(action, "send_location")?,
        other => return Err(invalid(format!("interactive.type: {other} is not known."))),
    }
    Ok(())
}

fn check_header(kind: &str, header: &Value) -> Checked<()> {
    match text(header, "type")? {
        "text" => drop(bounded(header, "text", 60)?),
        media @ ("image" | "video" | "document") if !matches!(kind, "list" | "product_list" | "voice_call") => {
            let file = header.get(media).ok_or_else(|| missing(media))?;
            if file.get("id").is_some() == file.get("link").is_some() {
                return Err(unexpected("Exactly one of id and link must be given for the header.".to_owned()));
            }
        }
        other => return Err(invalid(format!("header.type: {other} is not allowed here."))),
    }
    Ok(())
}

fn named(action: &Value, name: &str) -> Checked<()> {
    if text(action, "name")? == name { Ok(()) } else { Err(invalid(format!("action.name must be {name}."))) }
}

fn url(action: &Value) -> Checked<()> {
    named(action, "cta_url")?;
    let parameters = action.get("parameters").ok_or_else(|| missing("parameters"))?;
    bounded(parameters, "display_text", 20)?;
    let link = bounded(parameters, "url", 2000)?;
    if link.starts_with("http") { Ok(()) } else { Err(invalid("url is not a URI.")) }
}

fn list<'v>(object: &'v Value, name: &str, most: usize) -> Checked<&'v Vec<Value>> {
    let items = object.get(name).and_then(Value::as_array).ok_or_else(|| missing(name))?;
    if items.is_empty() || items.len() > most {
        return Err(unexpected(format!("{name}: 1 to {most} entries are allowed.")));
    }
    Ok(items)
}

/// Titles of the buttons, which are all different.
fn buttons(action: &Value, kind: &str, most: usize) -> Checked<Vec<String>> {
    let mut titles = Vec::new();
    for button in list(action, "buttons", most)? {
        let reply = button.get(kind).filter(|_| button.get("type").is_some_and(|is| is == kind));
        let reply = reply.ok_or_else(|| missing(kind))?;
        bounded(reply, "id", 256)?;
        let title = bounded(reply, "title", 20)?.to_owned();
        if titles.contains(&title) {
            return Err(invalid("Button titles must be unique."));
        }
        titles.push(title);
    }
    Ok(titles)
}

/// Titles of the rows of all sections.
fn rows(action: &Value) -> Checked<Vec<String>> {
    bounded(action, "button", 20)?;
    let sections = list(action, "sections", 10)?;
    let mut titles = Vec::new();
    for section in sections {
        if sections.len() > 1 {
            bounded(section, "title", 24)?;
        }
        for row in list(section, "rows", 10)? {
            bounded(row, "id", 200)?;
            titles.push(bounded(row, "title", 24)?.to_owned());
            if row.get("description").is_some() {
                bounded(row, "description", 72)?;
            }
        }
    }
    if titles.len() > 10 { Err(unexpected("Total row count exceeds 10.".to_owned())) } else { Ok(titles) }
}

fn cards(action: &Value) -> Checked<()> {
    let cards = list(action, "cards", 10)?;
    if cards.len() < 2 {
        return Err(unexpected("cards: at least 2 are needed.".to_owned()));
    }
    for (at, card) in cards.iter().enumerate() {
        if card.get("card_index").and_then(Value::as_u64) != u64::try_from(at).ok() {
            return Err(invalid("card_index does not count from 0."));
        }
        let of_card = card.get("action").ok_or_else(|| missing("action"))?;
        match text(card, "type")? {
            "product" => drop(bounded(of_card, "product_retailer_id", 256)?),
            "cta_url" if of_card.get("buttons").is_some() => drop(buttons(of_card, "quick_reply", 3)?),
            "cta_url" => url(of_card)?,
            other => return Err(invalid(format!("cards.type: {other} is not known."))),
        }
    }
    Ok(())
}
