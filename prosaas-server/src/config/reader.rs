//! Reads values, and collects what is wrong with them instead of stopping at the first.
use std::time::Duration;

use http::HeaderValue;
use url::Url;

/// Problems and warnings met so far.
#[derive(Default)]
pub(super) struct Reader {
    pub(super) problems: Vec<String>,
    pub(super) warnings: Vec<String>,
}

impl Reader {
    pub(super) fn parsed<T>(
        &mut self,
        name: &str,
        text: Option<&str>,
        expected: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let text = text.map(str::trim).filter(|text| !text.is_empty())?;
        let value = read(text);
        if value.is_none() {
            self.problems.push(format!("{name}: {expected}"));
        }
        value
    }

    pub(super) fn seconds(&mut self, name: &str, text: Option<&str>, default: Duration) -> Duration {
        let read = |text: &str| text.parse::<f64>().ok().filter(|s| (0.05..=86_400.0).contains(s));
        self.parsed(name, text, "seconds expected, 0.05 to 86400", read).map_or(default, Duration::from_secs_f64)
    }
}

pub(super) fn flag(text: Option<&str>) -> Option<bool> {
    match text?.trim() {
        "1" | "true" | "yes" | "on" => Some(true),
        "0" | "false" | "no" | "off" | "" => Some(false),
        _ => None,
    }
}

/// An http(s) origin; a bare host means https.
pub(super) fn origin(text: &str) -> Option<String> {
    let text = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let url = Url::parse(&text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let plain = url.host_str().is_some() && url.query().is_none() && url.fragment().is_none();
    let plain = plain && url.username().is_empty() && url.password().is_none();
    plain.then(|| text.trim_end_matches('/').to_owned())
}

pub(super) const ORIGIN: &str = "an http(s) origin expected, as https://example.com";

pub(super) fn origins(text: &str) -> Option<Vec<HeaderValue>> {
    text.split(',')
        .map(str::trim)
        .filter(|one| !one.is_empty())
        .map(|one| HeaderValue::from_str(&origin(one)?).ok())
        .collect()
}
