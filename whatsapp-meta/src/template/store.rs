//! Listing, making, changing and deleting templates. Source: Meta, Business Management API, message templates.
use async_trait::async_trait;
use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use whatsapp_core::{Error, ErrorKind, Result, Template, Templates};

use super::{
    Category, Component, ParameterFormat, SyncedTemplate, TemplateDefinition, TemplateStatus, code_button, rules,
};
use crate::{
    ID, Meta,
    endpoint::{done, invalid, segment, typed},
    error::{self, Effect},
    page::{Page, every_page},
    read,
};

/// What is asked of a template.
const FIELDS: &str = "id,name,language,status,category,sub_category,parameter_format,components,quality_score,\
                      rejected_reason,previous_category,correct_category,message_send_ttl_seconds,\
                      cta_url_link_tracking_opted_out,source";
/// Most templates that one call deletes, archives or takes back.
pub(super) const MOST_IDS: usize = 100;

/// Which templates to list. All of what is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TemplateQuery {
    /// The exact name, in all languages.
    pub name: Option<String>,
    /// A part of name or wording.
    pub name_or_content: Option<String>,
    /// How they stand.
    pub status: Option<TemplateStatus>,
    /// What they are for.
    pub category: Option<Category>,
    /// Their language.
    pub language: Option<String>,
    /// How people take them: `GREEN`, `YELLOW`, `RED` or `UNKNOWN`.
    pub quality_score: Option<String>,
}

impl TemplateQuery {
    /// Those of this name.
    #[must_use]
    pub fn of_name(name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..Self::default() }
    }

    /// Those that stand so.
    #[must_use]
    pub fn of_status(status: TemplateStatus) -> Self {
        Self { status: Some(status), ..Self::default() }
    }

    /// Of these, those of a language.
    #[must_use]
    pub fn in_language(mut self, language: impl Into<String>) -> Self {
        self.language = Some(language.into());
        self
    }

    /// Of these, those of a category.
    #[must_use]
    pub fn in_category(mut self, category: Category) -> Self {
        self.category = Some(category);
        self
    }

    fn pairs(&self) -> Vec<(&'static str, &str)> {
        let filters = [
            ("name", self.name.as_deref()),
            ("name_or_content", self.name_or_content.as_deref()),
            ("status", self.status.as_ref().map(TemplateStatus::as_str)),
            ("category", self.category.as_ref().map(Category::as_str)),
            ("language", self.language.as_deref()),
            ("quality_score", self.quality_score.as_deref()),
        ];
        filters.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
    }
}

/// What became of a template that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CreatedTemplate {
    /// Its id.
    #[serde(default, deserialize_with = "read::text")]
    pub id: Option<String>,
    /// How it stands: mostly `PENDING`.
    #[serde(default, deserialize_with = "read::lenient")]
    pub status: Option<TemplateStatus>,
    /// What Meta thinks that it is for.
    #[serde(default, deserialize_with = "read::lenient")]
    pub category: Category,
}

impl Meta {
    /// The path of the account's templates.
    pub(super) fn template_path(&self, edge: &str) -> Result<String> {
        Ok(format!("{}/{edge}", segment(self.account()?)?))
    }

    /// Lists templates, all pages of them. Source: `GET /{waba_id}/message_templates`.
    ///
    /// ```no_run
    /// # async fn example(line: whatsapp_meta::Meta) -> whatsapp_core::Result<()> {
    /// use whatsapp_meta::template::{TemplateQuery, TemplateStatus};
    /// let paused = line.list_templates(&TemplateQuery::of_status(TemplateStatus::Paused)).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Config`] without an account id; what Meta's code says.
    pub async fn list_templates(&self, query: &TemplateQuery) -> Result<Vec<SyncedTemplate>> {
        let path = self.template_path("message_templates")?;
        let ask = |after: Option<String>| {
            let path = &path;
            async move {
                let mut pairs = vec![("fields", FIELDS), ("limit", "100")];
                pairs.extend(query.pairs());
                pairs.extend(after.as_deref().map(|after| ("after", after)));
                self.endpoint().get::<Page<SyncedTemplate>>(path, &pairs).await
            }
        };
        every_page(ask).await
    }

    /// One template by its id. Source: `GET /{template_id}`.
    ///
    /// ```no_run
    /// # async fn example(line: whatsapp_meta::Meta) -> whatsapp_core::Result<()> {
    /// let template = line.template("1387372356726668").await?;
    /// println!("{:?}", template.definition.text());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// What Meta's code says.
    pub async fn template(&self, id: &str) -> Result<SyncedTemplate> {
        self.endpoint().get(&segment(id)?, &[("fields", FIELDS)]).await
    }

    /// Makes a template; Meta reviews it within minutes or a day. Source: `POST /{waba_id}/message_templates`.
    ///
    /// ```no_run
    /// # async fn example(line: whatsapp_meta::Meta) -> whatsapp_core::Result<()> {
    /// use whatsapp_meta::template::{Category, Component, TemplateDefinition};
    /// let thanks = TemplateDefinition::new("thanks", "he", Category::Utility)
    ///     .with_component(Component::body("תודה {{1}}, קיבלנו את ההזמנה.").with_examples(["דנה"]));
    /// let made = line.create_template(&thanks).await?;
    /// println!("{:?} {:?}", made.id, made.status);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// What [`TemplateDefinition::check`] finds, before any I/O; [`ErrorKind::Config`] without an account id; what
    /// Meta's code says. Ambiguous where it may have been made: list it by name before trying again.
    pub async fn create_template(&self, definition: &TemplateDefinition) -> Result<CreatedTemplate> {
        definition.check()?;
        self.make(&json_of(definition)?).await
    }

    pub(super) async fn make(&self, body: &Value) -> Result<CreatedTemplate> {
        let answer = self.endpoint().post(&self.template_path("message_templates")?, body, Effect::Once).await?;
        let created: CreatedTemplate = typed(&answer, Effect::Once)?;
        if created.id.is_some() { Ok(created) } else { Err(error::read(&answer)) }
    }

    /// Changes an approved, rejected or paused template. Its parts are replaced as a whole; the category of an approved
    /// one stays, and it may be changed once a day. Source: `POST /{template_id}`.
    ///
    /// An authentication template may be sent as it was read: Meta's wording of body and expiry is left out, and the
    /// button of the code, which Meta answers as a link, becomes what its address says; zero tap keeps its terms
    /// accepted. In all languages at once, it is changed by
    /// [`upsert_authentication_template`](Self::upsert_authentication_template).
    ///
    /// ```no_run
    /// # async fn example(line: whatsapp_meta::Meta) -> whatsapp_core::Result<()> {
    /// use whatsapp_meta::template::Component;
    /// let mut thanks = line.template("1387372356726668").await?.definition;
    /// thanks.components.push(Component::footer("הסטודיו"));
    /// line.edit_template("1387372356726668", &thanks).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// What [`TemplateDefinition::check`] finds, before any I/O, and the button of a code that Meta's answer does not
    /// tell enough of; what Meta's code says. Ambiguous where it may have been changed: read it before trying again.
    pub async fn edit_template(&self, id: &str, definition: &TemplateDefinition) -> Result<()> {
        /// What can be changed: name and language cannot.
        #[derive(Serialize)]
        struct Edit<'d> {
            category: &'d Category,
            components: &'d [Component],
            #[serde(skip_serializing_if = "Option::is_none")]
            parameter_format: &'d Option<ParameterFormat>,
            #[serde(skip_serializing_if = "Option::is_none")]
            message_send_ttl_seconds: Option<i64>,
            #[serde(skip_serializing_if = "Option::is_none")]
            cta_url_link_tracking_opted_out: Option<bool>,
        }
        let mut definition = std::borrow::Cow::Borrowed(definition);
        if definition.category == Category::Authentication {
            let components = code_button::as_made(&definition.components)?;
            definition.to_mut().components = components;
        }
        definition.check()?;
        let body = json_of(&Edit {
            category: &definition.category,
            components: &definition.components,
            parameter_format: &definition.parameter_format,
            message_send_ttl_seconds: definition.message_send_ttl_seconds,
            cta_url_link_tracking_opted_out: definition.cta_url_link_tracking_opted_out,
        })?;
        done(&self.endpoint().post(&segment(id)?, &body, Effect::Once).await?, Effect::Once)
    }

    /// Deletes a template in all languages; its name is free again after 30 days. Source: `DELETE
    /// /{waba_id}/message_templates?name=`.
    ///
    /// ```no_run
    /// # async fn example(line: whatsapp_meta::Meta) -> whatsapp_core::Result<()> {
    /// line.delete_template("thanks").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Config`] without an account id; what Meta's code says.
    pub async fn delete_template(&self, name: &str) -> Result<()> {
        rules::name(name)?;
        self.endpoint().delete(&self.template_path("message_templates")?, &[("name", name)]).await
    }

    /// Deletes a template in the one language that `id` is of. Source: `DELETE
    /// /{waba_id}/message_templates?name=&hsm_id=`.
    ///
    /// ```no_run
    /// # async fn example(line: whatsapp_meta::Meta) -> whatsapp_core::Result<()> {
    /// line.delete_template_language("thanks", "1387372356726668").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`delete_template`](Self::delete_template).
    pub async fn delete_template_language(&self, name: &str, id: &str) -> Result<()> {
        rules::name(name)?;
        check_ids(&[id])?;
        self.endpoint().delete(&self.template_path("message_templates")?, &[("name", name), ("hsm_id", id)]).await
    }

    /// Deletes up to 100 templates by their ids. Source: `DELETE /{waba_id}/message_templates?hsm_ids=`.
    ///
    /// ```no_run
    /// # async fn example(line: whatsapp_meta::Meta) -> whatsapp_core::Result<()> {
    /// line.delete_templates(&["1387372356726668", "1689556908129832"]).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidMessage`] for none, too many, or what is no id; else as
    /// [`delete_template`](Self::delete_template).
    pub async fn delete_templates(&self, ids: &[&str]) -> Result<()> {
        check_ids(ids)?;
        let ids = json_of(&ids)?.to_string();
        self.endpoint().delete(&self.template_path("message_templates")?, &[("hsm_ids", &ids)]).await
    }

    /// Takes a template that was paused for its quality back into use. Source: `POST /{template_id}/unpause`.
    ///
    /// ```no_run
    /// # async fn example(line: whatsapp_meta::Meta) -> whatsapp_core::Result<()> {
    /// use whatsapp_meta::template::{TemplateQuery, TemplateStatus};
    /// for paused in line.list_templates(&TemplateQuery::of_status(TemplateStatus::Paused)).await? {
    ///     line.unpause_template(&paused.id.unwrap_or_default()).await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// What Meta's code says; [`ErrorKind::InvalidMessage`] with Meta's reason where it says no.
    pub async fn unpause_template(&self, id: &str) -> Result<()> {
        let path = format!("{}/unpause", segment(id)?);
        let request = self.endpoint().request(Method::POST, &self.endpoint().address(&path, &[]));
        done(&self.endpoint().run(request, Effect::Repeatable).await?, Effect::Repeatable)
    }
}

/// 1 to 100 ids of digits.
pub(super) fn check_ids(ids: &[&str]) -> Result<()> {
    let digits = |id: &&str| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
    if !(1..=MOST_IDS).contains(&ids.len()) || !ids.iter().all(digits) {
        return Err(invalid(format!("1 to {MOST_IDS} ids of digits expected")));
    }
    Ok(())
}

pub(super) fn json_of<T: Serialize + ?Sized>(value: &T) -> Result<Value> {
    let unwritable =
        |error| Error::new(ID, ErrorKind::InvalidMessage, "it cannot be written as JSON").with_source(error);
    serde_json::to_value(value).map_err(unwritable)
}

#[async_trait]
impl Templates for Meta {
    async fn list(&self) -> Result<Vec<Template>> {
        let approved = self.list_templates(&TemplateQuery::of_status(TemplateStatus::Approved)).await?;
        let approved = approved.into_iter().filter(|template| template.status == Some(TemplateStatus::Approved));
        let plain = |synced: SyncedTemplate| {
            let definition = synced.definition;
            let template = Template::new(definition.name.clone(), definition.language.clone());
            match definition.text() {
                Some(text) => template.with_text(text),
                None => template,
            }
        };
        Ok(approved.map(plain).collect())
    }
}
