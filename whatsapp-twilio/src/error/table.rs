//! Twilio's codes as data.
use std::time::Duration;

use whatsapp_core::{
    ErrorKind::{
        self, Config, InvalidMessage, InvalidRecipient, PermissionDenied, RateLimited, TemplateRejected,
        Unauthenticated, Unavailable, WindowClosed,
    },
    Retry::{self, After, Ambiguous, Backoff, Never},
};

/// What `code` means: the kind of failure, whether to try again, and what to do.
pub(super) fn row(code: i64) -> Option<(ErrorKind, Retry, Option<&'static str>)> {
    let at = CODES.binary_search_by_key(&code, |(known, ..)| *known).ok()?;
    CODES.get(at).map(|(_, kind, retry, advice)| (*kind, *retry, *advice))
}

/// What a code means for the caller. The third column holds if the message was refused, which every code here says
/// but those of Twilio's own breakdowns.
///
/// Source: Twilio, Error and warning dictionary.
#[rustfmt::skip]
const CODES: &[(i64, ErrorKind, Retry, Option<&str>)] = &[
    (20001, InvalidMessage, Never, None),
    (20003, Unauthenticated, Never, Some("Check account SID and auth token, or the API key, and that they are of the same region.")),
    (20005, PermissionDenied, Never, Some("The account is not active; see its standing in the Twilio console.")),
    (20006, PermissionDenied, Never, None),
    (20008, Config, Never, Some("These are test credentials; use the live ones.")),
    (20009, InvalidMessage, Backoff, Some("It is still under way; try again when it is not.")),
    (20010, PermissionDenied, Never, None),
    (20403, PermissionDenied, Never, None),
    (20404, Config, Never, Some("Check the account SID and the region of the API address.")),
    (20409, Unavailable, Backoff, None),
    (20422, InvalidMessage, Never, None),
    (20429, RateLimited, Backoff, None),
    (20500, Unavailable, Ambiguous, None),
    (20503, Unavailable, Ambiguous, None),
    (21211, InvalidRecipient, Never, None),
    (21212, Config, Never, Some("The sender is not a number of this account; check `from`.")),
    (21214, InvalidRecipient, Never, None),
    (21217, InvalidRecipient, Never, None),
    (21218, Config, Never, Some("The application does not exist; check `ApplicationSid`.")),
    (21408, PermissionDenied, Never, Some("Allow the recipient's country under geo permissions in the Twilio console.")),
    (21601, Config, Never, Some("The sender cannot send messages; check `from`.")),
    (21602, InvalidMessage, Never, None),
    (21603, Config, Never, Some("Set `from` or `messaging_service_sid`.")),
    (21604, InvalidRecipient, Never, None),
    (21606, Config, Never, Some("The sender cannot send messages to this destination; check `from`.")),
    (21608, PermissionDenied, Never, Some("A trial account sends to verified numbers only: verify this one or upgrade.")),
    (21609, Config, Never, Some("Twilio must be able to call `public_base_url`: a public https address.")),
    (21610, InvalidRecipient, Never, Some("This person opted out. Send nothing until they write START.")),
    (21611, RateLimited, Backoff, None),
    (21612, InvalidRecipient, Never, None),
    (21614, InvalidRecipient, Never, None),
    (21617, InvalidMessage, Never, Some("Split the text: at most 1600 characters.")),
    (21619, Unavailable, Backoff, None),
    (21620, InvalidMessage, Never, Some("The file's link must be public.")),
    (21623, InvalidMessage, Never, None),
    (21624, InvalidMessage, Never, Some("A message may wait 1 to 36,000 seconds.")),
    (21653, InvalidMessage, Never, None),
    (21654, TemplateRejected, Never, None),
    (21655, TemplateRejected, Never, Some("The template's content id does not exist in this account.")),
    (21656, TemplateRejected, Never, Some("Give every variable of the template a text.")),
    (21657, Config, Never, Some("The sender is not valid; check `from`.")),
    (21658, InvalidMessage, Never, None),
    (21701, Config, Never, Some("The messaging service does not exist; check `messaging_service_sid`.")),
    (21702, Config, Never, Some("The messaging service cannot send; check `messaging_service_sid`.")),
    (21703, Config, Never, Some("The messaging service has no sender for this message.")),
    (21704, Config, Never, Some("The messaging service has no senders.")),
    (21705, Config, Never, Some("The messaging service is not valid; check `messaging_service_sid`.")),
    (30001, RateLimited, Backoff, None),
    (30002, PermissionDenied, Never, Some("The account is suspended; see the Twilio console.")),
    (30003, InvalidRecipient, Never, None),
    (30004, PermissionDenied, Never, None),
    (30005, InvalidRecipient, Never, None),
    (30006, InvalidRecipient, Never, None),
    (30007, PermissionDenied, Never, Some("The message was filtered; change its wording.")),
    (30008, Unavailable, Backoff, None),
    (30010, Config, Never, Some("The message costs more than `MaxPrice` allows.")),
    (30409, InvalidMessage, Never, Some("Only a message that is to be sent later can be taken back.")),
    (63001, Unauthenticated, Never, Some("WhatsApp refuses the sender; register it again at Twilio.")),
    (63002, Config, Never, Some("WhatsApp does not know the sender; check `from`.")),
    (63003, InvalidRecipient, Never, None),
    (63005, InvalidMessage, Never, None),
    (63006, InvalidMessage, Never, None),
    (63007, Config, Never, Some("The number is not a WhatsApp sender of this account; check `from`.")),
    (63008, Config, Never, Some("The WhatsApp sender is not set up completely at Twilio.")),
    (63009, Unavailable, Backoff, None),
    (63010, Unavailable, Backoff, None),
    (63011, InvalidMessage, Never, None),
    (63012, Unavailable, Backoff, None),
    (63013, TemplateRejected, Never, Some("Check the policy, and that no variable has more than four blanks or line breaks in a row.")),
    (63014, InvalidRecipient, Never, Some("This person blocked the sender.")),
    (63015, InvalidRecipient, Never, Some("The sandbox reaches only people who sent it its join words.")),
    (63016, WindowClosed, Never, None),
    (63017, RateLimited, Backoff, None),
    (63018, RateLimited, Backoff, Some("The sender reached its messaging limit; it may take hours.")),
    (63019, InvalidMessage, Never, Some("Twilio could not fetch the file; check its link, size and type.")),
    (63020, PermissionDenied, Never, Some("Check the Meta business account and its payment.")),
    (63021, TemplateRejected, Never, None),
    (63022, PermissionDenied, Never, Some("The sender's display name is not approved.")),
    (63023, Unavailable, Backoff, None),
    (63024, InvalidRecipient, Never, None),
    (63025, InvalidMessage, Never, None),
    (63026, PermissionDenied, Never, Some("WhatsApp took the messages for spam; send fewer.")),
    (63027, TemplateRejected, Never, None),
    (63028, TemplateRejected, Never, None),
    (63029, TemplateRejected, Never, None),
    (63030, InvalidMessage, Never, None),
    (63031, InvalidRecipient, Never, Some("Sender and recipient are the same number.")),
    (63032, InvalidRecipient, Never, None),
    (63033, InvalidRecipient, Never, Some("This person blocked the sender.")),
    (63034, InvalidMessage, Never, Some("The file is too large: 16 MB, pictures 5 MB.")),
    (63037, Unavailable, Backoff, None),
    // A limit per day: seconds or minutes would only burn tries.
    (63038, RateLimited, After(Duration::from_secs(6 * 60 * 60)), Some("The account's daily limit is used up; it is raised in the Twilio console.")),
    (63040, TemplateRejected, Never, None),
    (63041, TemplateRejected, Never, Some("WhatsApp paused the template; it comes back within hours unless readers keep blocking it.")),
    (63042, TemplateRejected, Never, None),
    (63049, PermissionDenied, Never, Some("Meta held this marketing message back; try this person again after some days.")),
    (63051, PermissionDenied, Never, Some("Meta locked the WhatsApp business account.")),
    (63062, PermissionDenied, Never, Some("Accept the terms of the Marketing Messages API in WhatsApp Manager.")),
    (63100, Config, Never, Some("Correct the part of the sender that the message names.")),
    (63103, Config, Never, Some("The sender is registered already.")),
    (63112, PermissionDenied, Never, Some("Meta disabled the sender or the WhatsApp business account.")),
];

#[cfg(test)]
mod tests {
    use super::CODES;

    #[test]
    fn codes_are_sorted_and_unique() {
        assert!(CODES.is_sorted_by(|(a, ..), (b, ..)| a < b));
    }
}
