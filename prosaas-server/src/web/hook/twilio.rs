use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

use super::{
    super::{ApiError, extract::RawRequest},
    Candidate, as_request, public_url, rejected, take,
};
use crate::app::{App, LineGate};

const LIMIT: usize = 256 * 1024;

/// A contact's message. Twilio wants TwiML; an empty one says that nothing is to be done.
pub(super) async fn inbound(State(app): State<App>, request: RawRequest) -> Result<Response, ApiError> {
    accept(&app, request).await?;
    Ok(([(header::CONTENT_TYPE, "text/xml; charset=utf-8")], whatsapp_twilio::EMPTY_TWIML).into_response())
}

/// A status of a message of ours.
pub(super) async fn status(State(app): State<App>, request: RawRequest) -> Result<StatusCode, ApiError> {
    accept(&app, request).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn accept(app: &App, mut request: RawRequest) -> Result<(), ApiError> {
    let body = request.body(LIMIT).await?;
    let url = public_url(app, &request);
    let webhook = as_request(&request, &url, &body);
    // The account is claimed, not proved: it only says which tokens to try.
    let claimed = whatsapp_twilio::account_hint(&webhook);
    let lines = claimed.map(|hint| app.book.by_account(&whatsapp_twilio::ID, hint.as_str())).unwrap_or_default();
    let gates: Vec<_> = lines.into_iter().map(LineGate).collect();
    let candidates: Vec<_> = gates.iter().map(|gate| Candidate { gate, secret: gate.0.secret }).collect();
    match take(app, whatsapp_twilio::ID, webhook, &candidates).await? {
        Ok(()) => Ok(()),
        Err(why) => Err(rejected(app, &request, "twilio", StatusCode::FORBIDDEN, why, &url)),
    }
}
