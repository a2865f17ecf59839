//! Authentication templates as Meta answers them, turned back into what they are made of: the wording is Meta's own, and
//! the button of the code is a link that tells what it was made with. Source: Meta, authentication templates;
//! the keys of the address are as its answers have them.
use serde_json::Map;
use whatsapp_core::Result;

use super::{Body, Button, Buttons, Component, Footer, OtpButton, OtpType, SupportedApp, UrlButton, rules::refuse};

/// How the address of every code's button begins.
const CODE_ADDRESS: &str = "https://www.whatsapp.com/otp/code/";

/// The parts of an authentication template as it is made, of parts that were made here or read.
pub(super) fn as_made(components: &[Component]) -> Result<Vec<Component>> {
    let part = |component: &Component| {
        Ok(match component {
            Component::Body(body) => Component::Body(Body { text: None, example: None, ..body.clone() }),
            // The minutes are what it was made with, the wording is Meta's.
            Component::Footer(footer) if footer.code_expiration_minutes.is_some() => {
                Component::Footer(Footer { text: None, ..footer.clone() })
            }
            Component::Buttons(of) => Component::Buttons(Buttons {
                buttons: of.buttons.iter().enumerate().map(|(at, of)| button(at, of)).collect::<Result<_>>()?,
            }),
            other => other.clone(),
        })
    };
    components.iter().map(part).collect()
}

fn button(at: usize, button: &Button) -> Result<Button> {
    match button {
        Button::Url(link) if link.url.starts_with(CODE_ADDRESS) => code(link).map(Button::Otp).ok_or_else(|| {
            refuse(format!(
                "buttons[{at}]: Meta does not tell what this one-time code's button was made with; set it anew, or \
                     use upsert_authentication_template"
            ))
        }),
        other => Ok(other.clone()),
    }
}

/// What the button of a code was made with, by its address; several apps stand side by side with commas.
fn code(link: &UrlButton) -> Option<OtpButton> {
    let (_, query) = link.url.split_once('?')?;
    let told = |key: &str| form_urlencoded::parse(query.as_bytes()).find(|pair| pair.0 == key).map(|pair| pair.1);
    let otp_type = OtpType::from(&*told("otp_type")?);
    let names = told("package_name").unwrap_or_default();
    let hashes = told("signature_hash").unwrap_or_default();
    let (names, hashes) = (items(&names), items(&hashes));
    let known = match otp_type {
        OtpType::CopyCode => true,
        OtpType::OneTap | OtpType::ZeroTap => !names.is_empty() && names.len() == hashes.len(),
        OtpType::Other(_) => false,
    };
    known.then(|| OtpButton {
        text: Some(link.text.clone()).filter(|text| !text.is_empty()),
        autofill_text: told("cta_display_name").map(std::borrow::Cow::into_owned).filter(|text| !text.is_empty()),
        // Without them Meta would not have made it.
        zero_tap_terms_accepted: (otp_type == OtpType::ZeroTap).then_some(true),
        supported_apps: names.into_iter().zip(hashes).map(|(name, hash)| SupportedApp::new(name, hash)).collect(),
        otp_type,
        more: Map::new(),
    })
}

fn items(list: &str) -> Vec<&str> {
    list.split(',').filter(|item| !item.is_empty()).collect()
}
