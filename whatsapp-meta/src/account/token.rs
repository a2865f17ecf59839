//! What a token is good for. Source: Meta, Graph API reference, `debug_token`.
use chrono::{DateTime, Utc};
use http::{Method, header::ACCEPT};
use serde::{Deserialize, Serialize};
use whatsapp_core::Result;

use crate::{
    Meta,
    endpoint::{invalid, typed},
    error::{self, Effect},
    read,
};

/// What Meta tells of a token. Everything may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct TokenInfo {
    /// The app that it was made for.
    #[serde(deserialize_with = "read::text")]
    pub app_id: Option<String>,
    /// The app's name.
    #[serde(deserialize_with = "read::text")]
    pub application: Option<String>,
    /// `SYSTEM_USER`, `USER` …
    #[serde(rename = "type", deserialize_with = "read::text")]
    pub kind: Option<String>,
    /// Whether it works.
    #[serde(deserialize_with = "read::flag")]
    pub is_valid: Option<bool>,
    /// When it dies, in seconds since 1970; 0 = never.
    #[serde(deserialize_with = "read::number")]
    pub expires_at: Option<i64>,
    /// When its access to data ends, in seconds since 1970; 0 = never.
    #[serde(deserialize_with = "read::number")]
    pub data_access_expires_at: Option<i64>,
    /// What it may do.
    #[serde(deserialize_with = "read::texts")]
    pub scopes: Vec<String>,
    /// What it may do, and for which accounts.
    #[serde(deserialize_with = "read::items")]
    pub granular_scopes: Vec<GrantedScope>,
    /// Why it does not work.
    #[serde(deserialize_with = "read::lenient")]
    pub error: Option<TokenProblem>,
}

/// A permission and where it holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct GrantedScope {
    /// The permission.
    #[serde(deserialize_with = "read::text")]
    pub scope: Option<String>,
    /// The accounts it holds for; none listed = all.
    #[serde(deserialize_with = "read::texts")]
    pub target_ids: Vec<String>,
}

/// Why a token does not work.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct TokenProblem {
    /// Meta's code, as 190.
    #[serde(deserialize_with = "read::number")]
    pub code: Option<i64>,
    /// More exactly, as 463 for one that expired.
    #[serde(deserialize_with = "read::number")]
    pub subcode: Option<i64>,
    /// In words.
    #[serde(deserialize_with = "read::text")]
    pub message: Option<String>,
}

impl TokenInfo {
    /// When it dies; `None` for never, and where Meta does not tell.
    #[must_use]
    pub fn expiry(&self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp(self.expires_at.filter(|at| *at > 0)?, 0)
    }

    /// Whether it has permission `scope`, and for `account` if one is given and the token is bound to accounts.
    #[must_use]
    pub fn grants(&self, scope: &str, account: Option<&str>) -> bool {
        let bound = self.granular_scopes.iter().filter(|granted| granted.scope.as_deref() == Some(scope));
        let mut targets = bound.flat_map(|granted| &granted.target_ids).peekable();
        let listed = self.scopes.iter().any(|known| known == scope);
        let known = listed || self.granular_scopes.iter().any(|granted| granted.scope.as_deref() == Some(scope));
        known && account.is_none_or(|account| targets.peek().is_none() || targets.any(|target| target == account))
    }
}

impl Meta {
    /// What this line's token is good for. Asks as the app `app_id` with the configured app secret, or with the token
    /// itself, which Meta answers for tokens of the app's own people only. Source: `GET /debug_token`.
    ///
    /// The interface takes the token in the query, so the address must not be logged on the way.
    ///
    /// ```no_run
    /// # async fn example(line: whatsapp_meta::Meta) -> whatsapp_core::Result<()> {
    /// let token = line.token_info(None).await?;
    /// assert!(token.grants("whatsapp_business_messaging", line.waba_id()));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// What Meta's code says. A token that does not work is no error where Meta tells so.
    pub async fn token_info(&self, app_id: Option<&str>) -> Result<TokenInfo> {
        #[derive(Deserialize)]
        struct Answer {
            data: TokenInfo,
        }
        let endpoint = self.endpoint();
        let address = endpoint.address("debug_token", &[("input_token", endpoint.token.expose())]);
        let request = match app_id {
            None => endpoint.request(Method::GET, &address),
            Some(app) if !app.is_empty() && app.bytes().all(|byte| byte.is_ascii_digit()) => {
                let credentials = format!("{app}|{}", self.app_secret().expose());
                endpoint.http.request(Method::GET, &address).header(ACCEPT, "application/json").bearer_auth(credentials)
            }
            Some(_) => return Err(invalid("app_id: digits expected")),
        };
        let mut answer = endpoint.run(request, Effect::Repeatable).await?;
        // What is wrong with the app's credentials is told in words, and words are logged.
        let secret = self.app_secret().expose();
        if let Ok(text) = std::str::from_utf8(&answer.body)
            && text.contains(secret)
        {
            answer.body = text.replace(secret, "…").into();
        }
        let read: Answer = typed(&answer, Effect::Repeatable)?;
        if read.data.is_valid.is_none() {
            return Err(Effect::Repeatable.of(error::read(&answer)));
        }
        Ok(read.data)
    }
}
