//! Which apps get the account's webhooks. Source: Meta, Graph API reference, WhatsApp Business Account, subscribed
//! apps.
use serde::{Deserialize, Serialize};
use serde_json::json;
use whatsapp_core::{Result, Secret};

use crate::{
    Meta,
    endpoint::{done, invalid, segment},
    error::Effect,
    page::{Page, every_page},
    read,
};

/// Longest address of a webhook, in characters.
const MAX_CALLBACK: usize = 200;

/// An app that gets the account's webhooks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SubscribedApp {
    /// The app's id.
    pub id: Option<String>,
    /// The app's name.
    pub name: Option<String>,
    /// Where the webhooks go instead of the app's own address.
    pub override_callback_uri: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Item {
    #[serde(deserialize_with = "read::lenient")]
    whatsapp_business_api_data: App,
    #[serde(deserialize_with = "read::text")]
    override_callback_uri: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct App {
    #[serde(deserialize_with = "read::text")]
    id: Option<String>,
    #[serde(deserialize_with = "read::text")]
    name: Option<String>,
}

impl Meta {
    fn subscriptions(&self) -> Result<String> {
        Ok(format!("{}/subscribed_apps", segment(self.account()?)?))
    }

    /// The apps that get the account's webhooks. Source: `GET /{waba_id}/subscribed_apps`.
    ///
    /// ```no_run
    /// # async fn example(line: whatsapp_meta::Meta) -> whatsapp_core::Result<()> {
    /// if line.subscribed_apps().await?.is_empty() {
    ///     line.subscribe_app().await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Config`](whatsapp_core::ErrorKind::Config) without an account id; what Meta's code says.
    pub async fn subscribed_apps(&self) -> Result<Vec<SubscribedApp>> {
        let path = self.subscriptions()?;
        let ask = |after: Option<String>| {
            let path = &path;
            async move {
                let query: Vec<_> = after.as_deref().map(|after| ("after", after)).into_iter().collect();
                self.endpoint().get::<Page<Item>>(path, &query).await
            }
        };
        let app = |item: Item| {
            let App { id, name } = item.whatsapp_business_api_data;
            SubscribedApp { id, name, override_callback_uri: item.override_callback_uri }
        };
        Ok(every_page(ask).await?.into_iter().map(app).collect())
    }

    /// Lets the token's app get the account's webhooks, at the app's own address; without it none arrive. Takes an
    /// address of [`subscribe_app_to`](Self::subscribe_app_to) back. Source: `POST /{waba_id}/subscribed_apps`.
    ///
    /// ```no_run
    /// # async fn example(line: whatsapp_meta::Meta) -> whatsapp_core::Result<()> {
    /// line.subscribe_app().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Config`](whatsapp_core::ErrorKind::Config) without an account id; what Meta's code says.
    pub async fn subscribe_app(&self) -> Result<()> {
        let path = self.subscriptions()?;
        let request = self.endpoint().request(http::Method::POST, &self.endpoint().address(&path, &[]));
        done(&self.endpoint().run(request, Effect::Repeatable).await?, Effect::Repeatable)
    }

    /// Lets the token's app get the account's webhooks at `callback`, an https address of at most 200 characters, which
    /// Meta checks at once with `verify_token`. Source: `POST /{waba_id}/subscribed_apps`.
    ///
    /// ```no_run
    /// # async fn example(line: whatsapp_meta::Meta) -> whatsapp_core::Result<()> {
    /// line.subscribe_app_to("https://shop.example/hooks/meta", &"verify token".into()).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidMessage`](whatsapp_core::ErrorKind::InvalidMessage) for another address;
    /// [`ErrorKind::Config`](whatsapp_core::ErrorKind::Config) without an account id; what Meta's code says.
    pub async fn subscribe_app_to(&self, callback: &str, verify_token: &Secret) -> Result<()> {
        if !callback.starts_with("https://") || callback.chars().count() > MAX_CALLBACK {
            return Err(invalid("callback: an https address of at most 200 characters expected"));
        }
        if verify_token.is_empty() {
            return Err(invalid("verify_token is empty"));
        }
        let body = json!({"override_callback_uri": callback, "verify_token": verify_token.expose()});
        done(&self.endpoint().post(&self.subscriptions()?, &body, Effect::Repeatable).await?, Effect::Repeatable)
    }

    /// Stops the account's webhooks to the token's app. Source: `DELETE /{waba_id}/subscribed_apps`.
    ///
    /// ```no_run
    /// # async fn example(line: whatsapp_meta::Meta) -> whatsapp_core::Result<()> {
    /// line.unsubscribe_app().await?;
    /// assert!(line.subscribed_apps().await?.is_empty(), "no other app gets them");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Config`](whatsapp_core::ErrorKind::Config) without an account id; what Meta's code says.
    pub async fn unsubscribe_app(&self) -> Result<()> {
        self.endpoint().delete(&self.subscriptions()?, &[]).await
    }
}
