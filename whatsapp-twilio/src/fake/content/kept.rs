//! The contents that there are, and what a message made of one says.
use std::collections::HashSet;

use serde_json::{Map, Value, json};

use crate::fake::check::{Refusal, Wanted};

/// Types that ask for a tap.
const INTERACTIVE: [&str; 6] = [
    "twilio/quick-reply",
    "twilio/call-to-action",
    "twilio/list-picker",
    "twilio/catalog",
    "whatsapp/card",
    "whatsapp/flows",
];

/// What the fake remembers of contents.
#[derive(Debug, Default)]
pub(in crate::fake) struct Contents {
    pub(super) kept: Vec<Kept>,
    pub(super) deleted: HashSet<String>,
    pub(super) changes: u32,
}

#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) sid: String,
    pub(super) draft: Value,
    pub(super) approval: Option<Value>,
    pub(super) updated: u32,
}

impl Contents {
    pub(super) fn get(&mut self, sid: &str) -> Option<&mut Kept> {
        self.kept.iter_mut().find(|content| content.sid == sid)
    }

    pub(super) fn put(&mut self, sid: String, draft: Value) -> Kept {
        self.changes += 1;
        let content = Kept { sid, draft, approval: None, updated: self.changes };
        self.kept.push(content.clone());
        content
    }

    /// Makes `wanted` what its content says. An id that was never issued here stands for any approved template.
    pub(in crate::fake) fn fill(&self, wanted: &mut Wanted) -> Result<(), Refusal> {
        if wanted.kind != "template" {
            return Ok(());
        }
        let sid = wanted.text.clone().unwrap_or_default();
        if self.deleted.contains(&sid) {
            return Err(Refusal::because(400, 21655, "The ContentSid is Invalid"));
        }
        let Some(content) = self.kept.iter().find(|content| content.sid == sid) else { return Ok(()) };
        match content.status() {
            "rejected" => return Err(Refusal::because(400, 63040, "Template Rejected")),
            "paused" => return Err(Refusal::because(400, 63041, "Template Paused")),
            "disabled" => return Err(Refusal::because(400, 63042, "Template Disabled")),
            "approved" => {}
            _ => {
                if let Some(kind) = INTERACTIVE.iter().find_map(|name| content.draft.get("types")?.get(name)) {
                    content.ask(kind, wanted);
                    return Ok(());
                }
            }
        }
        wanted.text =
            content.draft.get("friendly_name").and_then(Value::as_str).map(str::to_owned).or(wanted.text.take());
        Ok(())
    }
}

impl Kept {
    fn status(&self) -> &str {
        self.approval.as_ref().and_then(|approval| approval.get("status")?.as_str()).unwrap_or("unsubmitted")
    }

    /// Makes `wanted` the question that `kind` asks.
    fn ask(&self, kind: &Value, wanted: &mut Wanted) {
        let rendered = |field: &str| kind.get(field)?.as_str().map(|text| self.render(text, &wanted.parameters));
        let body = rendered("body").unwrap_or_default();
        let first = kind.get("media").and_then(|media| media.get(0)?.as_str()).map(str::to_owned);
        wanted.link = first.or_else(|| rendered("media_url"));
        let titles = |list: &str, name: &str| {
            let entries = kind.get(list).and_then(Value::as_array).into_iter().flatten();
            let titles = entries.filter_map(|entry| entry.get(name)?.as_str());
            titles.map(|title| self.render(title, &wanted.parameters)).collect::<Vec<_>>()
        };
        wanted.parameters = [titles("actions", "title"), titles("items", "item")].concat();
        "interactive".clone_into(&mut wanted.kind);
        wanted.text = Some(body.clone());
        wanted.body = body;
    }

    /// `text` with values in place of `{{1}}`, `{{2}}` …, or their samples where there are none. What a value says is
    /// not read again.
    fn render(&self, text: &str, values: &[String]) -> String {
        let value = |name: &str| {
            let at = name.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
            let sample = || self.draft.get("variables")?.get(name)?.as_str();
            at.and_then(|at| values.get(at)).map(String::as_str).or_else(sample)
        };
        let mut parts = text.split("{{");
        let mut rendered = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            match part.split_once("}}").and_then(|(name, rest)| Some((value(name.trim())?, rest))) {
                Some((value, rest)) => rendered.extend([value, rest]),
                None => rendered.extend(["{{", part]),
            }
        }
        rendered
    }

    pub(super) fn rendered(&self, account_sid: &str) -> Map<String, Value> {
        let field = |name: &str| self.draft.get(name).cloned().unwrap_or_default();
        let date =
            |second: u32| format!("2026-01-01T{:02}:{:02}:{:02}Z", second / 3600 % 24, second / 60 % 60, second % 60);
        let fields = json!({
            "sid": self.sid, "account_sid": account_sid, "friendly_name": field("friendly_name"),
            "language": field("language"), "variables": self.draft.get("variables").cloned().unwrap_or(json!({})),
            "types": field("types"), "date_created": date(0), "date_updated": date(self.updated),
        });
        fields.as_object().cloned().unwrap_or_default()
    }
}
