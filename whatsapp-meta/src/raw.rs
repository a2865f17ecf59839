//! Calls that this version has no words for.
use http::Method;
use serde_json::Value;
pub use whatsapp_core::client::RawAnswer;
use whatsapp_core::{Receipt, Result, client::is_plain_path};

use crate::{
    Meta,
    endpoint::{invalid, json},
    error::{self, Effect},
    provider::decode,
};

impl Meta {
    /// Sends any message: the body of `POST /{phone_number_id}/messages` exactly as given, `messaging_product` and
    /// recipient included. Nothing is checked but that it is an object.
    ///
    /// ```no_run
    /// # async fn example(line: whatsapp_meta::Meta) -> whatsapp_core::Result<()> {
    /// let receipt = line.send_raw(&serde_json::json!({
    ///     "messaging_product": "whatsapp", "to": "+972501234567", "type": "interactive", "interactive": {
    ///         "type": "order_status", "body": {"text": "בדרך"}, "action": {"name": "review_order", "parameters":
    ///             {"reference_id": "order-17", "order": {"status": "shipped"}}},
    ///     },
    /// })).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`send`](whatsapp_core::Sender::send): what Meta's code says, ambiguous where nobody knows.
    pub async fn send_raw(&self, body: &Value) -> Result<Receipt> {
        if !body.is_object() {
            return Err(invalid("the body of a message is a JSON object"));
        }
        decode(&self.endpoint().post(&self.endpoint().of_number("messages"), body, Effect::Once).await?)
    }

    /// Makes any call to the Graph API with this line's token.
    ///
    /// `path` is relative to the version, without a slash before it: `106500000000001/block_users`. Ids in it that hold
    /// other characters than letters, digits, `-`, `_`, `.`, `~`, `:` and `=` are percent-encoded by the caller;
    /// `query` is encoded here. A token never belongs into the query.
    ///
    /// ```no_run
    /// # async fn example(line: whatsapp_meta::Meta) -> whatsapp_core::Result<()> {
    /// use http::Method;
    /// let blocked = line.request_raw(Method::GET, "106500000000001/block_users", &[("limit", "10")], None).await?;
    /// println!("{}", blocked.body["data"]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidMessage`](whatsapp_core::ErrorKind::InvalidMessage) for a path or query that may not leave;
    /// what Meta's code says; [`ErrorKind::Protocol`](whatsapp_core::ErrorKind::Protocol) for a success that is no
    /// JSON. A failure of unknown fate is ambiguous, but for GET and DELETE, which may be repeated.
    pub async fn request_raw(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<RawAnswer> {
        if !is_plain_path(path) {
            return Err(invalid("path: a relative path of the Graph API expected, percent-encoded, without query"));
        }
        if query.iter().any(|(key, _)| key.eq_ignore_ascii_case("access_token")) {
            return Err(invalid("query: an access token would lie in logs; the line's own goes along by itself"));
        }
        let effect = Effect::of_method(&method);
        let mut request = self.endpoint().request(method, &self.endpoint().address(path, query));
        if let Some(body) = body {
            request = json(request, body);
        }
        let answer = self.endpoint().run(request, effect).await?;
        let refused = || effect.of(error::read(&answer));
        if !answer.status.is_success() {
            return Err(refused());
        }
        RawAnswer::read(answer.status, &answer.body).ok_or_else(refused)
    }
}
