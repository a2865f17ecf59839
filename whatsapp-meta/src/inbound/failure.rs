//! Why something failed. Source: Meta, Webhooks reference, error objects.
use whatsapp_core::DeliveryError;

use crate::{
    error::delivery_error,
    wire::{self, Json},
};

/// The first of `errors`.
pub(crate) fn first(errors: Json<'_>) -> Option<DeliveryError> {
    errors.items().next().map(read)
}

/// One error object; what it lacks is left out.
pub(crate) fn read(json: Json<'_>) -> DeliveryError {
    let failure: wire::Failure<'_> = wire::object(json).unwrap_or_default();
    let details = failure.error_data.get("details").text().or_else(|| failure.details.text());
    let words = match (failure.title.text().or_else(|| failure.message.text()), details) {
        (Some(title), Some(details)) if title != details => format!("{title}: {details}"),
        (Some(words), _) | (None, Some(words)) => words.into_owned(),
        (None, None) => "failed, for a reason that Meta did not give".to_owned(),
    };
    delivery_error(failure.code.number(), &words)
}
