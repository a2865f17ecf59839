//! What the environment says of lines.
use whatsapp_core::{ProviderId, Secret, Settings};

use super::{
    Environment,
    reader::{ORIGIN, Reader, origin},
};
use crate::engine::Inherited;

fn settings(pairs: &[(&str, Option<&String>)]) -> Settings {
    let given = pairs.iter().filter_map(|(key, value)| Some((*key, value.filter(|value| !value.trim().is_empty())?)));
    given.map(|(key, value)| (key, Secret::from(value.trim()))).collect()
}

/// The first variable that says anything: files of variables set those to nothing that they do not use.
pub(super) fn first_set(variables: [&Option<String>; 2]) -> Option<&String> {
    variables.into_iter().flatten().find(|value| !value.trim().is_empty())
}

/// What every line of a provider takes from the installation.
pub(super) fn inherited(reader: &mut Reader, env: &Environment, public_base_url: Option<&str>) -> Inherited {
    let mut origin_of = |name, value: Option<&String>| reader.parsed(name, value.map(String::as_str), ORIGIN, origin);
    let graph = origin_of("META_GRAPH_BASE_URL", env.meta_graph_base_url.as_ref());
    let twilio = origin_of("TWILIO_API_BASE_URL", env.twilio_api_base_url.as_ref());
    let bridge = origin_of("BAILEYS_BASE_URL", first_set([&env.baileys_outbound_url, &env.baileys_base_url]));
    let public = public_base_url.map(str::to_owned);
    let app_secret = first_set([&env.meta_wa_app_secret, &env.whatsapp_webhook_secret]);
    let bridge_secret = first_set([&env.internal_secret, &env.baileys_webhook_secret]);
    let per_provider = [
        (
            "meta",
            settings(&[
                ("app_secret", app_secret),
                ("verify_token", env.meta_wa_verify_token.as_ref()),
                ("api_version", env.meta_api_version.as_ref()),
                ("base_url", graph.as_ref()),
            ]),
        ),
        (
            "twilio",
            settings(&[
                ("public_base_url", public.as_ref()),
                ("status_callback_secret", env.twilio_status_callback_secret.as_ref()),
                ("base_url", twilio.as_ref()),
            ]),
        ),
        (
            "baileys",
            settings(&[
                ("secret", bridge_secret),
                ("base_url", bridge.as_ref()),
                ("require_signature", env.baileys_require_signature.as_ref()),
            ]),
        ),
    ];
    Inherited(per_provider.into_iter().map(|(name, settings)| (ProviderId::new(name), settings)).collect())
}

/// The lines of the environment. A half-set one is left out with a word: it must not stop the server.
pub(super) fn lines(reader: &mut Reader, env: &Environment) -> Vec<(ProviderId, Settings)> {
    let meta = [
        ("access_token", env.meta_wa_access_token.as_ref()),
        ("phone_number_id", env.meta_wa_phone_number_id.as_ref()),
    ];
    let twilio = [
        ("account_sid", env.twilio_account_sid.as_ref()),
        ("auth_token", env.twilio_auth_token.as_ref()),
        ("from", env.twilio_wa_from.as_ref()),
    ];
    let mut found = Vec::new();
    for (name, needed) in [("meta", meta.as_slice()), ("twilio", twilio.as_slice())] {
        let mut given = settings(needed);
        let missing: Vec<_> = needed.iter().map(|(key, _)| *key).filter(|key| given.get(key).is_none()).collect();
        if missing.is_empty() {
            if let ("meta", Some(waba)) = (name, &env.meta_wa_waba_id) {
                given.set("waba_id", waba.as_str());
            }
            found.push((ProviderId::new(name), given));
        } else if missing.len() < needed.len() {
            reader.warnings.push(format!("the environment's {name} line is left out: {} missing", missing.join(", ")));
        }
    }
    found
}
