//! Bodies of sends: read back into messages, written again, and compared with what was read.
use std::{collections::BTreeMap, fs, path::Path};

use chrono::DateTime;
use serde_json::{Value, json};
use whatsapp_core::{
    Action, AddressRequest, ButtonValue, CallButton, Card, Contacts, Content, Flow, FlowRef, FlowStart, GroupId,
    Header, Interactive, List, Location, MediaCard, MediaFile, MediaKind, MediaSource, OutboundMessage, Parameter,
    Parameters, Product, ProductSection, Products, Reaction, Recipient, ReplyButton, Row, SavedAddress, Section,
    TapTarget, Template, TemplateButton, TemplateCard, TemplateHeader, Text, UrlButton,
};
use whatsapp_meta::encode;

use super::{files, own};

/// Bodies that no [`OutboundMessage`] makes, by a part of the file's name, with the reason.
const RAW_ONLY: [(&str, &str); 8] = [
    ("mark-read", "no message but a receipt: `Presence`"),
    ("marketing", "another endpoint, the Marketing Messages API: `request_raw`"),
    ("direct", "Direct Send, a closed beta: `send_raw`"),
    ("order-details", "payments, in India and Brazil only: `send_raw`"),
    ("order-status", "payments, in India and Brazil only: `send_raw`"),
    ("identity", "`recipient_identity_key_hash` is set by a check that is off by default: `send_raw`"),
    ("pin-message", "pins are no messages: `send_raw`"),
    ("date-parts", "parts of a date that Meta no longer looks at: only the fallback is sent"),
];

#[test]
fn sends() {
    assert!(check(&own()) >= 80, "the project's own samples");
    if let Some(folder) = whatsapp_core::testing::extra_fixtures("meta") {
        let read = check(Path::new(&folder));
        println!("{read} bodies of sends read and written");
    }
}

/// Compares every `send-*.json` of `folder`; how many were compared.
fn check(folder: &Path) -> usize {
    let mut read = 0;
    for file in files(folder, "send-") {
        let name = file.file_stem().unwrap().to_str().unwrap();
        if let Some((_, reason)) = RAW_ONLY.iter().find(|(part, _)| name.contains(part)) {
            println!("{name}: not compared: {reason}");
            continue;
        }
        let body: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        let message = message(&body);
        let written = encode(&message).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(plain(written), plain(body), "{name}");
        read += 1;
    }
    read
}

/// Takes out what may be spelled in several ways.
fn plain(mut body: Value) -> Value {
    let map = body.as_object_mut().unwrap();
    map.entry("recipient_type").or_insert("individual".into());
    // The project's correlation ids are 32 digits; others may write anything.
    map.remove("biz_opaque_callback_data");
    if map["recipient_type"] == "individual"
        && let Some(to) = map.get_mut("to")
    {
        *to = "a phone number".into();
    }
    walk(&mut body);
    body
}

fn walk(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(walk),
        Value::Object(map) => {
            for (key, is) in
                [("preview_url", json!(false)), ("mode", json!("published")), ("policy", json!("deterministic"))]
            {
                if map.get(key) == Some(&is) {
                    map.remove(key);
                }
            }
            // A host alone is written with its slash.
            if let Some(link) = map.get("link").and_then(Value::as_str) {
                map.insert("link".into(), self::link(link).into());
            }
            for key in ["latitude", "longitude"] {
                if let Some(number) = map.get(key).and_then(Value::as_str).and_then(|text| text.parse::<f64>().ok()) {
                    map.insert(key.into(), json!(number));
                }
            }
            if let Some(index) = map.get("index").and_then(Value::as_u64) {
                map.insert("index".into(), index.to_string().into());
            }
            if let Some(kind) = map.get("sub_type").and_then(Value::as_str).map(str::to_lowercase) {
                map.insert("sub_type".into(), kind.into());
            }
            // Only the fallback of a date is looked at.
            if let Some(date) = map.get_mut("date_time").and_then(Value::as_object_mut) {
                date.retain(|key, _| key == "fallback_value");
            }
            map.values_mut().for_each(walk);
        }
        _ => {}
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

fn maybe(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn texts(value: &Value) -> BTreeMap<String, String> {
    value.as_object().into_iter().flatten().map(|(key, value)| (key.clone(), text(value))).collect()
}

fn message(body: &Value) -> OutboundMessage {
    let kind = body["type"].as_str().unwrap_or("text");
    let content: Content = match kind {
        "text" => {
            let plain = Text::new(text(&body["text"]["body"]));
            if body["text"]["preview_url"] == true { plain.with_preview().into() } else { plain.into() }
        }
        "image" | "video" | "audio" | "document" | "sticker" => file(kind, &body[kind]).into(),
        "location" => location(&body["location"]).into(),
        "reaction" => {
            Reaction::new(text(&body["reaction"]["message_id"]).into(), text(&body["reaction"]["emoji"])).into()
        }
        "contacts" => {
            let mut contacts = Contacts::default();
            contacts.contacts = serde_json::from_value(body["contacts"].clone()).unwrap();
            contacts.into()
        }
        "interactive" => interactive(&body["interactive"]).into(),
        "template" => template(&body["template"]).into(),
        other => panic!("a send of type {other}"),
    };
    let to = match (maybe(&body["to"]), maybe(&body["recipient"])) {
        (Some(group), _) if body["recipient_type"] == "group" => Recipient::Group(GroupId::from(group)),
        (Some(phone), _) => {
            // Some samples lack the plus sign, the country or any digit.
            let digits = phone.trim_start_matches('+');
            let phone = whatsapp_core::PhoneNumber::from_digits(digits);
            Recipient::Phone(phone.unwrap_or_else(|_| "+972541112233".parse().unwrap()))
        }
        (None, Some(user)) => Recipient::User(user.parse().unwrap()),
        (None, None) => panic!("to nobody"),
    };
    let mut message = OutboundMessage::new(to, content);
    message.reply_to = maybe(&body["context"]["message_id"]).map(Into::into);
    message
}

/// A link as the message holds it; some samples have words in its place.
fn link(text: &str) -> String {
    let file = MediaFile::link(MediaKind::Image, text);
    let file = file.or_else(|_| MediaFile::link(MediaKind::Image, "https://words.example/")).unwrap();
    match file.source {
        MediaSource::Link(url) => url.into(),
        _ => unreachable!("made of a link"),
    }
}

fn file(kind: &str, value: &Value) -> MediaFile {
    let kind: MediaKind = serde_json::from_value(kind.into()).unwrap();
    let mut file = match maybe(&value["id"]) {
        Some(id) => MediaFile::uploaded(kind, id),
        None => MediaFile::link(kind, &link(value["link"].as_str().unwrap())).unwrap(),
    };
    file.caption = maybe(&value["caption"]);
    file.file_name = maybe(&value["filename"]);
    file.voice = value["voice"] == true;
    file
}

fn location(value: &Value) -> Location {
    let number = |value: &Value| value.as_f64().unwrap_or_else(|| value.as_str().unwrap().parse().unwrap());
    let mut place = Location::new(number(&value["latitude"]), number(&value["longitude"]));
    place.name = maybe(&value["name"]);
    place.address = maybe(&value["address"]);
    place
}

fn buttons(value: &Value, kind: &str) -> Vec<ReplyButton> {
    list(value).map(|button| ReplyButton::new(text(&button[kind]["id"]), text(&button[kind]["title"]))).collect()
}

fn product(value: &Value) -> Product {
    Product::new(text(&value["catalog_id"]), text(&value["product_retailer_id"]))
}

fn sections(value: &Value) -> Vec<ProductSection> {
    let products = |section: &Value| {
        list(&section["product_items"]).map(|item| text(&item["product_retailer_id"])).collect::<Vec<_>>()
    };
    list(value).map(|one| ProductSection::new(maybe(&one["title"]).unwrap_or_default(), products(one))).collect()
}

fn url(action: &Value) -> UrlButton {
    UrlButton::new(text(&action["parameters"]["display_text"]), text(&action["parameters"]["url"]))
}

fn interactive(value: &Value) -> Interactive {
    let action = &value["action"];
    let parameters = &action["parameters"];
    let asked = match value["type"].as_str().unwrap() {
        "button" => Action::Buttons(buttons(&action["buttons"], "reply")),
        "list" => {
            let mut sections = Vec::new();
            for section in list(&action["sections"]) {
                let mut rows = Vec::new();
                for row in list(&section["rows"]) {
                    let mut new = Row::new(text(&row["id"]), text(&row["title"]));
                    new.description = maybe(&row["description"]);
                    rows.push(new);
                }
                let mut new = Section::new("", rows);
                new.title = maybe(&section["title"]);
                sections.push(new);
            }
            Action::List(List::of_sections(text(&action["button"]), sections))
        }
        "cta_url" => Action::Url(url(action)),
        "flow" => Action::Flow(flow(parameters)),
        "product" => Action::Product(product(action)),
        "product_list" => Action::Products(Products::new(text(&action["catalog_id"]), sections(&action["sections"]))),
        "catalog_message" => Action::Catalog { thumbnail: maybe(&parameters["thumbnail_product_retailer_id"]) },
        "carousel" => Action::Carousel(list(&action["cards"]).map(card).collect()),
        "address_message" => {
            let mut request = AddressRequest::new(text(&parameters["country"]));
            request.values = texts(&parameters["values"]);
            request.problems = texts(&parameters["validation_errors"]);
            let saved = |saved: &Value| SavedAddress::new(text(&saved["id"]), texts(&saved["value"]));
            request.saved = list(&parameters["saved_addresses"]).map(saved).collect();
            Action::Address(request)
        }
        "call_permission_request" => Action::CallPermission,
        "voice_call" => {
            let mut button = CallButton::new();
            button.text = maybe(&parameters["display_text"]);
            button.ttl_minutes = parameters["ttl_minutes"].as_u64().map(|minutes| minutes.try_into().unwrap());
            button.payload = maybe(&parameters["payload"]);
            Action::Call(button)
        }
        "request_contact_info" => Action::ContactRequest,
        "location_request_message" => Action::LocationRequest,
        other => panic!("an interactive message of type {other}"),
    };
    let mut read = Interactive::product(Product::new("c", "p")).unwrap();
    read.action = asked;
    read.body = maybe(&value["body"]["text"]);
    read.footer = maybe(&value["footer"]["text"]);
    read.header = value["header"]["type"].as_str().map(|kind| match kind {
        "text" => Header::Text(text(&value["header"]["text"])),
        kind => Header::Media(file(kind, &value["header"][kind])),
    });
    read
}

fn flow(parameters: &Value) -> Flow {
    let reference = match maybe(&parameters["flow_id"]) {
        Some(id) => FlowRef::Id(id),
        None => FlowRef::Name(text(&parameters["flow_name"])),
    };
    let mut flow = Flow::new(reference, text(&parameters["flow_cta"]));
    flow.token = maybe(&parameters["flow_token"]);
    flow.draft = parameters["mode"] == "draft";
    let payload = &parameters["flow_action_payload"];
    flow.start = parameters["flow_action"].as_str().map(|action| {
        if action == "data_exchange" {
            FlowStart::Endpoint
        } else {
            FlowStart::Screen { screen: maybe(&payload["screen"]), data: payload.get("data").cloned() }
        }
    });
    flow
}

fn card(value: &Value) -> Card {
    if value["type"] == "product" {
        return Card::Product(product(&value["action"]));
    }
    let kind = value["header"]["type"].as_str().unwrap();
    let header = file(kind, &value["header"][kind]);
    let buttons = buttons(&value["action"]["buttons"], "quick_reply");
    let mut card = if buttons.is_empty() {
        MediaCard::with_url(header, url(&value["action"]))
    } else {
        MediaCard::with_buttons(header, buttons)
    };
    card.body = maybe(&value["body"]["text"]);
    Card::Media(card)
}

fn parameter(value: &Value) -> Parameter {
    match value["type"].as_str().unwrap() {
        "text" => text(&value["text"]).into(),
        "currency" => {
            let money = &value["currency"];
            let amount = money["amount_1000"].as_i64().unwrap();
            Parameter::currency(text(&money["fallback_value"]), text(&money["code"]), amount)
        }
        "date_time" => Parameter::date_time(text(&value["date_time"]["fallback_value"])),
        other => panic!("a parameter of type {other}"),
    }
}

fn parameters(component: &Value) -> Parameters {
    let all: Vec<_> = list(&component["parameters"]).collect();
    if all.iter().any(|one| one.get("parameter_name").is_some()) {
        Parameters::named(all.iter().map(|one| (text(&one["parameter_name"]), parameter(one))))
    } else {
        Parameters::positional(all.into_iter().map(parameter))
    }
}

fn header(component: &Value) -> TemplateHeader {
    let value = &component["parameters"][0];
    match value["type"].as_str().unwrap() {
        "location" => TemplateHeader::Location(location(&value["location"])),
        "product" => TemplateHeader::Product(product(&value["product"])),
        kind @ ("image" | "video" | "document") => TemplateHeader::Media(file(kind, &value[kind])),
        _ => TemplateHeader::Text { name: maybe(&value["parameter_name"]), value: parameter(value) },
    }
}

fn button(component: &Value) -> TemplateButton {
    let (index, value) = (&component["index"], &component["parameters"][0]);
    let index = index.as_u64().unwrap_or_else(|| index.as_str().unwrap().parse().unwrap());
    let action = &value["action"];
    let read = match component["sub_type"].as_str().unwrap().to_lowercase().as_str() {
        "quick_reply" => ButtonValue::QuickReply { payload: text(&value["payload"]) },
        "url" => ButtonValue::Url { suffix: text(&value["text"]) },
        "copy_code" => ButtonValue::CopyCode { code: text(&value["coupon_code"]) },
        "flow" => {
            ButtonValue::Flow { token: maybe(&action["flow_token"]), data: action.get("flow_action_data").cloned() }
        }
        "catalog" => ButtonValue::Catalog { thumbnail: maybe(&action["thumbnail_product_retailer_id"]) },
        "mpm" => ButtonValue::Products {
            thumbnail: text(&action["thumbnail_product_retailer_id"]),
            sections: sections(&action["sections"]),
        },
        "voice_call" => ButtonValue::Call {
            ttl_minutes: value["ttl_minutes"].as_u64().map(|minutes| minutes.try_into().unwrap()),
            payload: maybe(&value["payload"]),
        },
        other => panic!("a button of type {other}"),
    };
    TemplateButton::new(index.try_into().unwrap(), read)
}

fn template(value: &Value) -> Template {
    let mut read = Template::new(text(&value["name"]), text(&value["language"]["code"]));
    for component in list(&value["components"]) {
        match component["type"].as_str().unwrap() {
            "header" => read.header = Some(header(component)),
            "body" => read.parameters = parameters(component),
            "button" => read.buttons.push(button(component)),
            "limited_time_offer" => {
                let offer = &component["parameters"][0]["limited_time_offer"];
                read.offer_ends_at = DateTime::from_timestamp_millis(offer["expiration_time_ms"].as_i64().unwrap());
            }
            "tap_target_configuration" => {
                let target = &component["parameters"][0]["tap_target_configuration"][0];
                read.tap_target = Some(TapTarget::new(text(&target["url"]), text(&target["title"])));
            }
            "carousel" => read.cards = list(&component["cards"]).map(template_card).collect(),
            other => panic!("a component of type {other}"),
        }
    }
    read
}

fn template_card(value: &Value) -> TemplateCard {
    let of = |kind: &'static str| list(&value["components"]).filter(move |component| component["type"] == kind);
    let mut card = TemplateCard::new(header(of("header").next().unwrap()));
    if let Some(body) = of("body").next() {
        card.parameters = parameters(body);
    }
    card.buttons = of("button").map(button).collect();
    card
}
