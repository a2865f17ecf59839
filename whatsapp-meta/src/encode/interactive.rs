//! Messages that ask for a tap. Source: Meta, Cloud API reference, interactive messages.
use serde_json::{Value, json};
use whatsapp_core::{
    Action, AddressRequest, Card, CardAction, Flow, FlowRef, FlowStart, Header, Interactive, List, MediaFile,
    ProductSection, ReplyButton, Result, UrlButton,
};

use super::{object, unsupported};
use crate::media;

pub(super) fn content(interactive: &Interactive) -> Result<Value> {
    let (kind, action) = of_action(&interactive.action)?;
    let text = |text: &Option<String>| text.as_ref().map(|text| json!({"text": text}));
    Ok(object([
        ("type", Some(kind.into())),
        ("header", interactive.header.as_ref().map(header).transpose()?),
        ("body", text(&interactive.body)),
        ("footer", text(&interactive.footer)),
        ("action", Some(action)),
    ]))
}

fn header(header: &Header) -> Result<Value> {
    match header {
        Header::Text(text) => Ok(json!({"type": "text", "text": text})),
        Header::Media(file) => media_header(file),
        _ => Err(unsupported("this header")),
    }
}

fn media_header(file: &MediaFile) -> Result<Value> {
    let content = media::sent(file).ok_or_else(|| unsupported("a file from this source"))?;
    Ok(json!({"type": file.kind.as_str(), file.kind.as_str(): content}))
}

/// Meta's name of the action, and the action.
fn of_action(action: &Action) -> Result<(&'static str, Value)> {
    Ok(match action {
        Action::Buttons(buttons) => ("button", json!({"buttons": replies("reply", buttons)})),
        Action::List(choice) => ("list", list(choice)),
        Action::Url(button) => ("cta_url", url(button)),
        Action::Flow(form) => ("flow", named("flow", Some(flow(form)?))),
        Action::Product(product) => {
            ("product", json!({"catalog_id": product.catalog_id, "product_retailer_id": product.product_id}))
        }
        Action::Products(products) => {
            ("product_list", json!({"catalog_id": products.catalog_id, "sections": sections(&products.sections)}))
        }
        Action::Catalog { thumbnail } => {
            let shown = thumbnail.as_ref().map(|id| json!({"thumbnail_product_retailer_id": id}));
            ("catalog_message", named("catalog_message", shown))
        }
        Action::Carousel(cards) => {
            let cards = cards.iter().enumerate().map(|(at, one)| card(at, one)).collect::<Result<Vec<_>>>()?;
            ("carousel", json!({"cards": cards}))
        }
        Action::Address(request) => ("address_message", named("address_message", Some(address(request)))),
        Action::CallPermission => ("call_permission_request", named("call_permission_request", None)),
        Action::Call(button) => {
            let parameters = object([
                ("display_text", button.text.as_deref().map(Value::from)),
                ("ttl_minutes", button.ttl_minutes.map(Value::from)),
                ("payload", button.payload.as_deref().map(Value::from)),
            ]);
            let parameters = Some(parameters).filter(|given| given.as_object().is_some_and(|given| !given.is_empty()));
            ("voice_call", named("voice_call", parameters))
        }
        Action::ContactRequest => ("request_contact_info", named("request_contact_info", None)),
        Action::LocationRequest => ("location_request_message", named("send_location", None)),
        _ => return Err(unsupported("this interactive message")),
    })
}

fn named(name: &str, parameters: Option<Value>) -> Value {
    object([("name", Some(name.into())), ("parameters", parameters)])
}

fn replies(kind: &str, buttons: &[ReplyButton]) -> Vec<Value> {
    buttons.iter().map(|button| json!({"type": kind, kind: {"id": button.id, "title": button.title}})).collect()
}

fn url(button: &UrlButton) -> Value {
    named("cta_url", Some(json!({"display_text": button.text, "url": button.url})))
}

fn list(list: &List) -> Value {
    let sections = list.sections.iter().map(|section| {
        let rows = section.rows.iter().map(|row| {
            object([
                ("id", Some(row.id.as_str().into())),
                ("title", Some(row.title.as_str().into())),
                ("description", row.description.as_deref().map(Value::from)),
            ])
        });
        object([("title", section.title.as_deref().map(Value::from)), ("rows", Some(rows.collect::<Vec<_>>().into()))])
    });
    json!({"button": list.button, "sections": sections.collect::<Vec<_>>()})
}

pub(super) fn sections(sections: &[ProductSection]) -> Vec<Value> {
    let of = |section: &ProductSection| {
        let items: Vec<_> = section.products.iter().map(|id| json!({"product_retailer_id": id})).collect();
        let title = Some(section.title.as_str()).filter(|title| !title.is_empty());
        object([("title", title.map(Value::from)), ("product_items", Some(items.into()))])
    };
    sections.iter().map(of).collect()
}

/// A media card says `cta_url` even where it has reply buttons.
fn card(at: usize, card: &Card) -> Result<Value> {
    match card {
        Card::Product(product) => Ok(json!({"card_index": at, "type": "product", "action": {
            "product_retailer_id": product.product_id, "catalog_id": product.catalog_id,
        }})),
        Card::Media(card) => {
            let action = match &card.action {
                CardAction::Url(button) => url(button),
                CardAction::Buttons(buttons) => json!({"buttons": replies("quick_reply", buttons)}),
                _ => return Err(unsupported("this action of a card")),
            };
            Ok(object([
                ("card_index", Some(at.into())),
                ("type", Some("cta_url".into())),
                ("header", Some(media_header(&card.header)?)),
                ("body", card.body.as_ref().map(|text| json!({"text": text}))),
                ("action", Some(action)),
            ]))
        }
        _ => Err(unsupported("this card")),
    }
}

fn flow(flow: &Flow) -> Result<Value> {
    let (id, name) = match &flow.reference {
        FlowRef::Id(id) => (Some(id.as_str()), None),
        FlowRef::Name(name) => (None, Some(name.as_str())),
        _ => return Err(unsupported("this form")),
    };
    let (action, payload) = match &flow.start {
        None => (None, None),
        Some(FlowStart::Endpoint) => (Some("data_exchange"), None),
        Some(FlowStart::Screen { screen, data }) => {
            let payload = object([("screen", screen.as_deref().map(Value::from)), ("data", data.clone())]);
            (Some("navigate"), Some(payload).filter(|payload| payload.as_object().is_some_and(|all| !all.is_empty())))
        }
        Some(_) => return Err(unsupported("this start of a form")),
    };
    Ok(object([
        ("flow_message_version", Some("3".into())),
        ("flow_id", id.map(Value::from)),
        ("flow_name", name.map(Value::from)),
        ("flow_cta", Some(flow.cta.as_str().into())),
        ("flow_token", flow.token.as_deref().map(Value::from)),
        ("mode", flow.draft.then(|| "draft".into())),
        ("flow_action", action.map(Value::from)),
        ("flow_action_payload", payload),
    ]))
}

fn address(request: &AddressRequest) -> Value {
    let saved = request.saved.iter().map(|address| json!({"id": address.id, "value": address.value}));
    object([
        ("country", Some(request.country.as_str().into())),
        ("values", (!request.values.is_empty()).then(|| json!(request.values))),
        ("saved_addresses", (!request.saved.is_empty()).then(|| saved.collect::<Vec<_>>().into())),
        ("validation_errors", (!request.problems.is_empty()).then(|| json!(request.problems))),
    ])
}
