//! Calls that this version has no words for.
use std::fmt;

use http::{Method, header::CONTENT_TYPE};
use serde_json::Value;
pub use whatsapp_core::client::RawAnswer;
use whatsapp_core::{Receipt, Result, client::is_plain_path};

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
        if !path.strip_prefix('/').is_some_and(is_plain_path) {
            return Err(invalid("path: an absolute path expected, percent-encoded, without query"));
        }
        let effect = Effect::of_method(&method);
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
        RawAnswer::read(answer.status, &answer.body).ok_or_else(|| effect.of(error::unreadable(&answer)))
    }
}
