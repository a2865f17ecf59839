//! The values of a template as Meta's components. Source: Meta, Cloud API reference, template messages.
use serde_json::{Value, json};
use whatsapp_core::{
    ButtonValue, Parameter, Parameters, ProductSection, Result, TapTarget, Template, TemplateButton, TemplateCard,
    TemplateHeader,
};

use super::{interactive::sections, invalid, location, object, unsupported};
use crate::media;

pub(super) fn content(template: &Template) -> Result<Value> {
    if template.language.is_empty() {
        return Err(invalid("template.language is empty"));
    }
    let components = components(template)?;
    Ok(object([
        ("name", Some(template.name.as_str().into())),
        ("language", Some(json!({"code": template.language}))),
        ("components", (!components.is_empty()).then(|| components.into())),
    ]))
}

fn components(template: &Template) -> Result<Vec<Value>> {
    let mut all = head_and_body(template.header.as_ref(), &template.parameters)?;
    if !template.cards.is_empty() {
        let cards =
            template.cards.iter().enumerate().map(|(at, card)| of_card(at, card)).collect::<Result<Vec<_>>>()?;
        all.push(json!({"type": "carousel", "cards": cards}));
    }
    if let Some(at) = template.offer_ends_at {
        let offer = json!({"expiration_time_ms": at.timestamp_millis()});
        let parameter = json!({"type": "limited_time_offer", "limited_time_offer": offer});
        all.push(json!({"type": "limited_time_offer", "parameters": [parameter]}));
    }
    for button in &template.buttons {
        all.push(of_button(button)?);
    }
    all.extend(template.tap_target.as_ref().map(of_tap_target));
    all.extend(template.components.iter().cloned());
    Ok(all)
}

fn head_and_body(header: Option<&TemplateHeader>, values: &Parameters) -> Result<Vec<Value>> {
    let mut all = Vec::new();
    if let Some(header) = header {
        all.push(json!({"type": "header", "parameters": [of_header(header)?]}));
    }
    let values = parameters(values)?;
    if !values.is_empty() {
        all.push(json!({"type": "body", "parameters": values}));
    }
    Ok(all)
}

fn of_card(at: usize, card: &TemplateCard) -> Result<Value> {
    let mut components = head_and_body(Some(&card.header), &card.parameters)?;
    for button in &card.buttons {
        components.push(of_button(button)?);
    }
    Ok(json!({"card_index": at, "components": components}))
}

fn of_header(header: &TemplateHeader) -> Result<Value> {
    Ok(match header {
        TemplateHeader::Text { name, value } => parameter(name.as_deref(), value)?,
        TemplateHeader::Media(file) => {
            let content = media::sent(file).ok_or_else(|| unsupported("a file from this source"))?;
            json!({"type": file.kind.as_str(), file.kind.as_str(): content})
        }
        TemplateHeader::Location(place) => json!({"type": "location", "location": location(place)}),
        TemplateHeader::Product(product) => json!({"type": "product", "product": {
            "product_retailer_id": product.product_id, "catalog_id": product.catalog_id,
        }}),
        _ => return Err(unsupported("this header of a template")),
    })
}

fn parameters(values: &Parameters) -> Result<Vec<Value>> {
    match values {
        Parameters::Positional(values) => values.iter().map(|value| parameter(None, value)).collect(),
        Parameters::Named(pairs) => pairs.iter().map(|(name, value)| parameter(Some(name), value)).collect(),
        _ => Err(unsupported("these template parameters")),
    }
}

fn parameter(name: Option<&str>, value: &Parameter) -> Result<Value> {
    let (kind, value) = match value {
        Parameter::Text(text) => ("text", json!(text)),
        Parameter::Currency { fallback, code, amount_1000 } => {
            ("currency", json!({"fallback_value": fallback, "code": code, "amount_1000": amount_1000}))
        }
        Parameter::DateTime { fallback } => ("date_time", json!({"fallback_value": fallback})),
        _ => return Err(unsupported("this template parameter")),
    };
    Ok(object([("type", Some(kind.into())), ("parameter_name", name.map(Value::from)), (kind, Some(value))]))
}

/// A button's component. Meta writes the index as text.
fn of_button(button: &TemplateButton) -> Result<Value> {
    let (kind, parameter) = match &button.value {
        ButtonValue::QuickReply { payload } => ("quick_reply", Some(json!({"type": "payload", "payload": payload}))),
        ButtonValue::Url { suffix } => ("url", Some(json!({"type": "text", "text": suffix}))),
        ButtonValue::CopyCode { code } => ("copy_code", Some(json!({"type": "coupon_code", "coupon_code": code}))),
        ButtonValue::Flow { token, data } => {
            let entries = [("flow_token", token.as_deref().map(Value::from)), ("flow_action_data", data.clone())];
            ("flow", Some(action(object(entries))))
        }
        ButtonValue::Catalog { thumbnail } => {
            ("catalog", thumbnail.as_deref().map(|id| action(json!({"thumbnail_product_retailer_id": id}))))
        }
        ButtonValue::Products { thumbnail, sections } => ("mpm", Some(action(products(thumbnail, sections)))),
        ButtonValue::Call { ttl_minutes: Some(minutes), .. } => {
            ("voice_call", Some(json!({"type": "ttl_minutes", "ttl_minutes": minutes})))
        }
        ButtonValue::Call { payload: Some(payload), .. } => {
            ("voice_call", Some(json!({"type": "payload", "payload": payload})))
        }
        ButtonValue::Call { .. } => ("voice_call", None),
        _ => return Err(unsupported("this button of a template")),
    };
    Ok(object([
        ("type", Some("button".into())),
        ("sub_type", Some(kind.into())),
        ("index", Some(button.index.to_string().into())),
        ("parameters", parameter.map(|parameter| json!([parameter]))),
    ]))
}

fn action(action: Value) -> Value {
    object([("type", Some("action".into())), ("action", Some(action))])
}

fn products(thumbnail: &str, all: &[ProductSection]) -> Value {
    json!({"thumbnail_product_retailer_id": thumbnail, "sections": sections(all)})
}

fn of_tap_target(target: &TapTarget) -> Value {
    let page = json!({"url": target.url, "title": target.title});
    let parameter = json!({"type": "tap_target_configuration", "tap_target_configuration": [page]});
    json!({"type": "tap_target_configuration", "parameters": [parameter]})
}
