//! Templates of Meta's library, one-time codes in several languages, and the archive. Source: Meta, Business Management
//! API, template library; upsert message templates; template archival.
use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use whatsapp_core::Result;

use super::{
    Category, Component, CreatedTemplate, TemplateDefinition, TemplateStatus, rules,
    store::{check_ids, json_of},
};
use crate::{
    Meta,
    endpoint::{done, json, typed},
    error::{self, Effect},
    read,
};

/// Meta's own origin, and the one where the archive is.
const GRAPH: &str = "https://graph.facebook.com";
const ARCHIVE: &str = "https://api.facebook.com";

/// A template made from one of Meta's library, which is approved at once.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct LibraryTemplate {
    /// Its name in the account.
    pub name: String,
    /// Its language: `he`, `en_US` …
    pub language: String,
    /// What it is for: utility or authentication.
    pub category: Category,
    /// Its name in the library.
    #[serde(rename = "library_template_name")]
    pub source: String,
    /// What its buttons need, one object each: `{"type":"URL","url":{"base_url":…,"url_suffix_example":…}}`.
    #[serde(rename = "library_template_button_inputs", skip_serializing_if = "Vec::is_empty")]
    pub button_inputs: Vec<Value>,
    /// What its body may have: `add_contact_number`, `code_expiration_minutes` …
    #[serde(rename = "library_template_body_inputs", skip_serializing_if = "Map::is_empty")]
    pub body_inputs: Map<String, Value>,
}

impl LibraryTemplate {
    /// The library's template `source` as `name`.
    #[must_use]
    pub fn new(
        name: impl Into<String>,
        language: impl Into<String>,
        category: Category,
        source: impl Into<String>,
    ) -> Self {
        Self {
            name: name.into(),
            language: language.into(),
            category,
            source: source.into(),
            button_inputs: Vec::new(),
            body_inputs: Map::new(),
        }
    }

    /// Adds what a button needs.
    #[must_use]
    pub fn with_button_input(mut self, input: Value) -> Self {
        self.button_inputs.push(input);
        self
    }

    /// Adds what the body may have.
    #[must_use]
    pub fn with_body_input(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.body_inputs.insert(key.into(), value.into());
        self
    }
}

/// A template for one-time codes in several languages, with Meta's wording.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct AuthenticationTemplate {
    /// Its name.
    pub name: String,
    /// Its languages.
    pub languages: Vec<String>,
    /// Body, perhaps a footer, and buttons with one for the code; buttons without wording, which is Meta's.
    pub components: Vec<Component>,
    /// For how many seconds Meta tries to deliver it: 30 to 900, or -1 for 30 days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_send_ttl_seconds: Option<i64>,
}

impl AuthenticationTemplate {
    /// A template of these parts in these languages.
    #[must_use]
    pub fn new<L: Into<String>>(
        name: impl Into<String>,
        languages: impl IntoIterator<Item = L>,
        components: impl IntoIterator<Item = Component>,
    ) -> Self {
        Self {
            name: name.into(),
            languages: languages.into_iter().map(Into::into).collect(),
            components: components.into_iter().collect(),
            message_send_ttl_seconds: None,
        }
    }

    fn check(&self) -> Result<()> {
        if self.languages.is_empty() {
            return Err(rules::refuse("languages: at least one expected"));
        }
        self.languages.iter().try_for_each(|language| {
            let mut definition = TemplateDefinition::new(&*self.name, &**language, Category::Authentication);
            definition.components.clone_from(&self.components);
            definition.message_send_ttl_seconds = self.message_send_ttl_seconds;
            definition.check()
        })
    }
}

/// What became of an authentication template in one language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct UpsertedTemplate {
    /// Its id.
    #[serde(deserialize_with = "read::text")]
    pub id: Option<String>,
    /// How it stands.
    #[serde(deserialize_with = "read::lenient")]
    pub status: Option<TemplateStatus>,
    /// Its language.
    #[serde(deserialize_with = "read::text")]
    pub language: Option<String>,
}

/// What became of templates that were archived or taken back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Archived {
    /// Ids of those that it worked for.
    pub done: Vec<String>,
    /// Ids of the others, and why.
    pub failed: Vec<(String, String)>,
}

impl Meta {
    /// Makes a template from Meta's library. Source: `POST /{waba_id}/message_templates` with `library_template_name`.
    ///
    /// ```no_run
    /// # async fn example(line: whatsapp_meta::Meta) -> whatsapp_core::Result<()> {
    /// use whatsapp_meta::template::{Category, LibraryTemplate};
    /// let update = LibraryTemplate::new("my_delivery", "en_US", Category::Utility, "delivery_update_1");
    /// line.create_library_template(&update).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`create_template`](Self::create_template).
    pub async fn create_library_template(&self, template: &LibraryTemplate) -> Result<CreatedTemplate> {
        rules::name(&template.name)?;
        rules::language(&template.language)?;
        rules::category(&template.category)?;
        self.make(&json_of(template)?).await
    }

    /// Makes or changes an authentication template in several languages at once. Source: `POST
    /// /{waba_id}/upsert_message_templates`.
    ///
    /// ```no_run
    /// # async fn example(line: whatsapp_meta::Meta) -> whatsapp_core::Result<()> {
    /// use whatsapp_meta::template::{AuthenticationTemplate, Button, Component, OtpType};
    /// let code = AuthenticationTemplate::new("login_code", ["he", "en_US"], [
    ///     Component::authentication_body(true),
    ///     Component::expiration_footer(10),
    ///     Component::buttons([Button::otp(OtpType::CopyCode, [])]),
    /// ]);
    /// let made = line.upsert_authentication_template(&code).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// What a check of its definition finds, before any I/O; [`ErrorKind::Config`](whatsapp_core::ErrorKind::Config)
    /// without an account id; what Meta's code says.
    pub async fn upsert_authentication_template(
        &self,
        template: &AuthenticationTemplate,
    ) -> Result<Vec<UpsertedTemplate>> {
        #[derive(Deserialize)]
        struct Upserted {
            #[serde(deserialize_with = "read::items")]
            data: Vec<UpsertedTemplate>,
        }
        template.check()?;
        let mut body = json_of(template)?;
        if let Some(body) = body.as_object_mut() {
            body.insert("category".to_owned(), Category::Authentication.as_str().into());
        }
        let path = self.template_path("upsert_message_templates")?;
        let answer = self.endpoint().post(&path, &body, Effect::Repeatable).await?;
        typed::<Upserted>(&answer, Effect::Repeatable).map(|upserted| upserted.data)
    }

    /// Puts up to 100 templates away; they are deleted after 28 days. Source: `POST
    /// https://api.facebook.com/{waba_id}/message_templates/archive`; another base URL than Meta's counts for it too.
    ///
    /// ```no_run
    /// # async fn example(line: whatsapp_meta::Meta) -> whatsapp_core::Result<()> {
    /// let archived = line.archive_templates(&["1689556908129832"]).await?;
    /// assert!(archived.failed.is_empty());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidMessage`](whatsapp_core::ErrorKind::InvalidMessage) for none, too many, or what is no id;
    /// [`ErrorKind::Config`](whatsapp_core::ErrorKind::Config) without an account id; what Meta's code says.
    pub async fn archive_templates(&self, ids: &[&str]) -> Result<Archived> {
        self.move_templates(ids, "archive").await
    }

    /// Takes up to 100 templates back from the archive. Source: `POST
    /// https://api.facebook.com/{waba_id}/message_templates/unarchive`.
    ///
    /// ```no_run
    /// # async fn example(line: whatsapp_meta::Meta) -> whatsapp_core::Result<()> {
    /// let back = line.unarchive_templates(&["1689556908129832"]).await?;
    /// for (id, why) in back.failed {
    ///     println!("{id}: {why}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`archive_templates`](Self::archive_templates).
    pub async fn unarchive_templates(&self, ids: &[&str]) -> Result<Archived> {
        self.move_templates(ids, "unarchive").await
    }

    async fn move_templates(&self, ids: &[&str], way: &str) -> Result<Archived> {
        #[derive(Deserialize)]
        struct Moved {
            #[serde(alias = "unarchived_templates", deserialize_with = "read::texts")]
            archived_templates: Vec<String>,
            #[serde(default, deserialize_with = "read::lenient")]
            failed_templates: Map<String, Value>,
        }
        check_ids(ids)?;
        let endpoint = self.endpoint();
        let origin = if endpoint.base == GRAPH { ARCHIVE } else { &endpoint.base };
        let address = format!("{origin}/{}/{way}", self.template_path("message_templates")?);
        let request = json(endpoint.request(Method::POST, &address), &json!({"hsm_ids": ids.join(",")}));
        let answer = endpoint.run(request, Effect::Repeatable).await?;
        if !answer.status.is_success() {
            return Err(Effect::Repeatable.of(error::read(&answer)));
        }
        // Until June 2026 the answer was a bare yes.
        let Ok(moved) = typed::<Moved>(&answer, Effect::Repeatable) else {
            done(&answer, Effect::Repeatable)?;
            return Ok(Archived { done: ids.iter().map(|id| (*id).to_owned()).collect(), failed: Vec::new() });
        };
        let failed = moved.failed_templates.iter();
        let failed = failed.map(|(id, why)| (id.clone(), read::as_text(why).unwrap_or_else(|| why.to_string())));
        Ok(Archived { done: moved.archived_templates, failed: failed.collect() })
    }
}
