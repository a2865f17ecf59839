//! Calls that this version has no words for.
use std::fmt;

use http::{Method, StatusCode, header::CONTENT_TYPE};
use serde_json::Value;
use whatsapp_core::{Receipt, Result};

use crate::{
    Product, Twilio,
    endpoint::{done, invalid, with_query},
    error::{self, Effect},
    wire::FORM,
};

/// A body of [`Twilio::request_raw`].
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum RawBody<'b> {
    /// None.
    None,
    /// A form; names may repeat.
    Form(&'b [(&'b str, &'b str)]),
    /// JSON.
    Json(&'b Value),
}

/// Shows no content: it may hold what people wrote.
impl fmt::Debug for RawBody<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Form(_) => "Form(…)",
            Self::Json(_) => "Json(…)",
        })
    }
}

/// What Twilio answered to [`Twilio::request_raw`].
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct RawAnswer {
    /// A success.
    pub status: StatusCode,
    /// The body as JSON; null for an empty one.
    pub body: Value,
}

/// Shows no body: it may hold what was asked for.
impl fmt::Debug for RawAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawAnswer").field("status", &self.status).finish_non_exhaustive()
    }
}

impl Twilio {
    /// Sends any message: the fields of `POST /Messages.json` exactly as given, recipient and sender included; names may
    /// repeat.
    ///
    /// ```no_run
    /// # async fn example(line: whatsapp_twilio::Twilio) -> whatsapp_core::Result<()> {
    /// let receipt = line.send_raw(&[
    ///     ("To", "whatsapp:+972501234567"), ("From", "whatsapp:+14155550100"), ("Body", "שלום"), ("RiskCheck", "disable"),
    /// ]).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`send`](whatsapp_core::Sender::send): what Twilio's code says, ambiguous where nobody knows.
    pub async fn send_raw(&self, fields: &[(&str, &str)]) -> Result<Receipt> {
        self.create(form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()).await
    }

    /// Makes any call to one of Twilio's products with this account's credentials.
    ///
    /// `path` is whole and percent-encoded, with a slash before it and the account in it where the product wants it; `query`
    /// is encoded here.
    ///
    /// ```no_run
    /// # async fn example(line: whatsapp_twilio::Twilio) -> whatsapp_core::Result<()> {
    /// use http::Method;
    /// use whatsapp_twilio::{Product, RawBody};
    /// let query = [("Channel", "whatsapp")];
    /// let path = "/v2/Channels/Senders";
    /// let senders = line.request_raw(Method::GET, Product::Messaging, path, &query, RawBody::None).await?;
    /// println!("{}", senders.body["senders"]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidMessage`](whatsapp_core::ErrorKind::InvalidMessage) for a path that may not leave; what Twilio's
    /// code says; [`ErrorKind::Protocol`](whatsapp_core::ErrorKind::Protocol) for a success that is no JSON. A failure of
    /// unknown fate is ambiguous, but for GET and DELETE, which may be repeated.
    pub async fn request_raw(
        &self,
        method: Method,
        product: Product,
        path: &str,
        query: &[(&str, &str)],
        body: RawBody<'_>,
    ) -> Result<RawAnswer> {
        check_path(path)?;
        let effect = match method {
            Method::GET | Method::DELETE | Method::HEAD => Effect::Repeatable,
            _ => Effect::Once,
        };
        let request = self.endpoint.request(method, product, &with_query(path, query.iter().copied()));
        let request = match body {
            RawBody::None => request,
            RawBody::Form(fields) => {
                let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
                request.header(CONTENT_TYPE, FORM).body(form)
            }
            RawBody::Json(value) => request.header(CONTENT_TYPE, "application/json").body(value.to_string()),
        };
        let answer = self.endpoint.run(request, effect).await?;
        done(&answer, effect)?;
        let body = if answer.body.trim_ascii().is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&answer.body).map_err(|_| effect.of(error::unreadable(&answer)))?
        };
        Ok(RawAnswer { status: answer.status, body })
    }
}

/// Nothing that could lead to another host, or out of the path that it shows.
fn check_path(path: &str) -> Result<()> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~:=%/".contains(&byte);
    // A URL reader takes encoded dots for dots.
    let dots = |segment: &str| matches!(&*segment.to_ascii_lowercase().replace("%2e", "."), "" | "." | "..");
    let escaped = path.split('%').skip(1).all(|rest| rest.bytes().take(2).filter(u8::is_ascii_hexdigit).count() == 2);
    match path.strip_prefix('/') {
        Some(rest) if path.bytes().all(plain) && !rest.split('/').any(dots) && escaped => Ok(()),
        _ => Err(invalid("path: an absolute path expected, percent-encoded, without query")),
    }
}
