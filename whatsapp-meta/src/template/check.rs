//! Whether a send fits its template, found without asking. Source: Meta, Cloud API error codes 132000, 132012, 132018.
mod part;

use serde_json::Value;
use whatsapp_core::{Parameters, Result, Template};

use super::{
    Category, Component, TemplateDefinition,
    rules::refuse,
    wording::{is_position, names},
};

impl TemplateDefinition {
    /// Checks a send against this definition: name, language, and the values of body, header, buttons, cards and offer
    /// by count, name and kind. Meta refuses a mismatch with 132000 or 132012, often only later, by a failed status.
    /// A part that the send brings in Meta's own wire form is not looked at.
    ///
    /// ```
    /// use whatsapp_core::Template;
    /// use whatsapp_meta::template::{Category, Component, TemplateDefinition};
    /// let known = TemplateDefinition::new("reminder", "he", Category::Utility)
    ///     .with_component(Component::body("שלום {{1}}, נתראה ב-{{2}}.").with_examples(["דנה", "10:00"]));
    /// assert!(known.check_send(&Template::new("reminder", "he").with_parameters(["דנה", "10:00"])).is_ok());
    /// let error = known.check_send(&Template::new("reminder", "he").with_parameters(["דנה"])).unwrap_err();
    /// assert_eq!(error.message(), "body: the template has 2 placeholders, 1 value is given");
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::TemplateRejected`](whatsapp_core::ErrorKind::TemplateRejected); the message names the part, what
    /// the template has and what is given, never a value.
    pub fn check_send(&self, template: &Template) -> Result<()> {
        if template.name != self.name {
            return Err(refuse("name: the definition is of another template"));
        }
        if language(&template.language) != language(&self.language) {
            let (known, given) = (&self.language, &template.language);
            return Err(refuse(format!("language: the template is in {known}, the message asks for {given}")));
        }
        let raw = |kind: &str| {
            let is = |component: &Value| {
                component.get("type").and_then(Value::as_str).is_some_and(|is| is.eq_ignore_ascii_case(kind))
            };
            template.components.iter().any(is)
        };
        if !raw("body") {
            // Meta's own wording has the code as its only placeholder.
            let wording = self.text().unwrap_or(match self.category {
                Category::Authentication => "{{1}}",
                _ => "",
            });
            values("body", wording, &template.parameters)?;
        }
        if !raw("header") {
            part::header("header", &self.components, template.header.as_ref())?;
        }
        if !raw("button") {
            part::buttons("buttons", &self.components, &template.buttons)?;
        }
        if !raw("carousel") {
            part::cards(&self.components, &template.cards)?;
        }
        let ends = self.components.iter().any(|component| match component {
            Component::LimitedTimeOffer(offer) => offer.limited_time_offer.has_expiration == Some(true),
            _ => false,
        });
        match template.offer_ends_at {
            None if ends && !raw("limited_time_offer") => {
                Err(refuse("limited_time_offer: the time of its end is missing"))
            }
            Some(_) if !ends => Err(refuse("limited_time_offer: the template has none that ends")),
            _ => Ok(()),
        }
    }
}

/// Whether `parameters` are what the placeholders of `wording` want.
fn values(part: &str, wording: &str, parameters: &Parameters) -> Result<()> {
    let wanted = names(wording);
    let given: Vec<_> = parameters.iter().collect();
    let by_name = !wanted.iter().all(|name| is_position(name));
    let names_given = matches!(parameters, Parameters::Named(_));
    if !wanted.is_empty() && !given.is_empty() && by_name != names_given {
        let (has, gets) = if by_name { ("named", "in order") } else { ("numbered", "by name") };
        return Err(refuse(format!("{part}: the template has {has} placeholders, values are given {gets}")));
    }
    if by_name && names_given {
        if let Some(name) = wanted.iter().find(|name| !given.iter().any(|(known, _)| known == *name)) {
            return Err(refuse(format!("{part}: {{{{{name}}}}} has no value")));
        }
        if let Some((name, _)) = given.iter().find(|(name, _)| !wanted.contains(&name.as_str())) {
            return Err(refuse(format!("{part}: the template has no {{{{{name}}}}}")));
        }
    }
    if wanted.len() != given.len() {
        let (places, values) = (counted(wanted.len(), "placeholder"), counted(given.len(), "value"));
        let verb = if given.len() == 1 { "is" } else { "are" };
        return Err(refuse(format!("{part}: the template has {places}, {values} {verb} given")));
    }
    for (name, value) in given {
        if value.contains(['\n', '\t']) || value.contains("    ") {
            return Err(refuse(format!("{part}: the value of {{{{{name}}}}} has a new line, a tab or four spaces")));
        }
    }
    Ok(())
}

/// Webhooks write `en-US` where the interface writes `en_US`.
fn language(code: &str) -> String {
    code.replace('-', "_").to_ascii_lowercase()
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
