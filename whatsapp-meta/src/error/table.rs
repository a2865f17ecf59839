//! Every code of Meta's as data: what kind of failure, whether to try again, what to do. Source: Meta, Cloud API error
//! codes; Graph API error handling; template management errors.
use std::time::Duration;

use whatsapp_core::{
    ErrorKind::{
        self, Config, InvalidMessage, InvalidRecipient, PermissionDenied, RateLimited, TemplateRejected,
        Unauthenticated, Unavailable, WindowClosed,
    },
    Retry,
};

/// What one code means.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub(super) code: i64,
    pub(super) kind: ErrorKind,
    #[cfg_attr(
        not(feature = "client"),
        expect(dead_code, reason = "webhooks tell of failures, only calls are made again")
    )]
    pub(super) retry: Retry,
    pub(super) advice: Option<&'static str>,
}

/// The row of `code`.
pub(super) fn row(code: i64) -> Option<&'static Row> {
    ROWS.binary_search_by_key(&code, |row| row.code).ok().and_then(|at| ROWS.get(at))
}

/// What to do where the object of the path is missing or out of reach.
pub(super) const NUMBER_ID: &str = "Check the phone number id and that the token may use it.";

/// Meta says 20 to 60 seconds for what maintenance stops.
const MAINTENANCE: Retry = Retry::After(Duration::from_secs(30));
const REGISTER: &str = "Register the number with the Cloud API again.";
const MARKETING: &str = "Send this template through the Marketing Messages API.";
const PAYMENT: &str = "Complete the payment settings in WhatsApp Manager.";
const TOKEN: &str = "Make a new access token.";
const PERMISSION: &str = "Grant the token the permission that this call needs, and give it the account.";
const FORMAT: &str = "Correct the part of the template that the message names.";
const GROUP: &str = "Check the group's members and standing.";
const CALL_LIMIT: &str = "Wait: the limit on calls or call permissions lifts by itself.";
const USERNAME: &str = "Choose another username, or link the account that the message names.";
const MIGRATION: &str = "Follow what the message says, then move the number again.";
const SIGNUP: &str = "Correct the sign-up's settings in the App Dashboard.";
const SYNC: &str = "The app's history can be asked for once, within 24 hours of linking, if the owner agrees.";

/// Surely refused before processing: later, with growing pauses.
const fn slow(code: i64) -> Row {
    Row { code, kind: RateLimited, retry: Retry::Backoff, advice: None }
}

/// Whether it was processed, nobody knows.
const fn doubtful(code: i64) -> Row {
    Row { code, kind: Unavailable, retry: Retry::Ambiguous, advice: None }
}

const fn pause(code: i64) -> Row {
    Row { code, kind: Unavailable, retry: MAINTENANCE, advice: None }
}

const fn never(code: i64, kind: ErrorKind) -> Row {
    Row { code, kind, retry: Retry::Never, advice: None }
}

const fn advised(code: i64, kind: ErrorKind, advice: &'static str) -> Row {
    Row { code, kind, retry: Retry::Never, advice: Some(advice) }
}

const fn advised_slow(code: i64, kind: ErrorKind, advice: &'static str) -> Row {
    Row { code, kind, retry: Retry::Backoff, advice: Some(advice) }
}

/// By code. `Backoff` and `After` stand only where Meta refuses before it processes.
#[rustfmt::skip]
const ROWS: &[Row] = &[
    advised(0, Unauthenticated, TOKEN),
    doubtful(1),
    doubtful(2),
    advised(3, PermissionDenied, PERMISSION),
    slow(4),
    advised(10, PermissionDenied, PERMISSION),
    slow(17),
    slow(32),
    advised(33, Config, NUMBER_ID),
    never(100, InvalidMessage),
    advised(104, Unauthenticated, TOKEN),
    advised(190, Unauthenticated, TOKEN),
    slow(341),
    advised(368, PermissionDenied, "The account is restricted for a policy violation; see WhatsApp Manager."),
    slow(613),
    advised(803, Config, NUMBER_ID),
    slow(80_007),
    slow(80_008),
    advised(130_403, InvalidRecipient, "You blocked this person; unblock them first."),
    slow(130_429),
    advised(130_472, InvalidRecipient, "This person is in an experiment of Meta's and gets no marketing messages."),
    advised(130_497, PermissionDenied, "The account may not message this country."),
    never(130_501, InvalidMessage),
    doubtful(131_000),
    advised(131_005, PermissionDenied, PERMISSION),
    never(131_008, InvalidMessage),
    never(131_009, InvalidMessage),
    doubtful(131_016),
    advised(131_020, InvalidRecipient, "The group has no other member."),
    advised(131_021, InvalidRecipient, "The recipient is the number that sends."),
    never(131_026, InvalidRecipient),
    advised(131_030, InvalidRecipient, "A test number reaches only the recipients on its list in the App Dashboard."),
    advised(131_031, PermissionDenied, "The account is locked; see WhatsApp Manager."),
    advised(131_037, PermissionDenied, "The display name is not approved yet."),
    advised(131_041, InvalidRecipient, GROUP),
    advised(131_042, PermissionDenied, PAYMENT),
    advised(131_044, PermissionDenied, PAYMENT),
    advised(131_045, Config, REGISTER),
    never(131_047, WindowClosed),
    advised(131_048, RateLimited, "Pause the campaign: people reported messages of this number."),
    advised(131_049, RateLimited, "This person got enough marketing messages; wait at least 24 hours."),
    advised(131_050, InvalidRecipient, "This person opted out of your marketing messages."),
    never(131_051, InvalidMessage),
    never(131_052, InvalidMessage),
    advised(131_053, InvalidMessage, "Check the type, the size and the address of the file."),
    never(131_055, InvalidMessage),
    advised_slow(131_056, RateLimited, "Too much to this one person: wait 1, then 4, then 16 seconds and so on; others are not affected."),
    pause(131_057),
    advised(131_059, InvalidMessage, "The page's cursor is no longer good; list from the start."),
    advised(131_061, TemplateRejected, MARKETING),
    advised(131_062, InvalidRecipient, "This message needs a phone number, not a user id."),
    advised(131_063, TemplateRejected, MARKETING),
    advised(131_064, TemplateRejected, "Templates of this account were put into wrong categories; the limit lifts by itself."),
    advised(131_201, InvalidMessage, "A part was done; look at each item's own error."),
    advised(131_202, InvalidMessage, "A person is named twice."),
    advised(131_204, InvalidMessage, "Too many people for one group."),
    advised(131_207, PermissionDenied, "The group is suspended."),
    slow(131_208),
    advised(131_209, InvalidMessage, "The picture must be square."),
    advised(131_210, InvalidMessage, "The picture needs at least 192 pixels a side."),
    advised(131_211, PermissionDenied, "The account has as many groups as it may."),
    advised(131_212, InvalidRecipient, GROUP),
    advised(131_213, InvalidMessage, "There is no such request to join."),
    advised(131_214, Unavailable, "Groups cannot be made for now; try later."),
    advised(131_215, PermissionDenied, "This number may not use groups."),
    never(132_000, TemplateRejected),
    never(132_001, TemplateRejected),
    never(132_005, TemplateRejected),
    never(132_007, TemplateRejected),
    never(132_008, TemplateRejected),
    never(132_012, TemplateRejected),
    advised(132_015, TemplateRejected, "The template is paused for its quality; choose another one."),
    advised(132_016, TemplateRejected, "The template is disabled for good; choose another one."),
    never(132_018, TemplateRejected),
    never(132_021, TemplateRejected),
    advised(132_068, TemplateRejected, "The flow is blocked; correct it in WhatsApp Manager."),
    advised(132_069, TemplateRejected, "The flow is throttled to ten an hour until it is healthy."),
    advised(133_000, Config, "Deregister the number once more, then register it."),
    pause(133_004),
    advised(133_005, InvalidMessage, "The two-step PIN is wrong."),
    advised(133_006, Config, "Verify the number first."),
    advised(133_008, RateLimited, "Too many wrong PINs; wait as long as the message says."),
    advised(133_009, RateLimited, "PINs came too fast; wait as long as the message says."),
    advised(133_010, Config, REGISTER),
    advised(133_015, Config, "The number was deleted a moment ago; wait five minutes, then register it."),
    advised(133_016, RateLimited, "Registered and deregistered too often; the number is locked for 72 hours."),
    advised(134_011, PermissionDenied, "Accept the payment terms in WhatsApp Manager."),
    never(134_100, TemplateRejected),
    advised(134_101, TemplateRejected, "The template is being prepared; wait ten minutes."),
    never(134_102, TemplateRejected),
    never(134_103, TemplateRejected),
    never(135_000, InvalidMessage),
    advised(136_024, Config, "No code could be sent; wait, or ask for it by voice."),
    advised(136_025, Config, "The code is wrong or too old; ask for a new one."),
    advised(137_000, InvalidRecipient, "The person's identity changed; confirm who they are."),
    advised(138_000, Config, "Switch calling on for this number."),
    advised(138_001, InvalidRecipient, "This person cannot be called."),
    advised(138_002, RateLimited, CALL_LIMIT),
    advised(138_003, RateLimited, "There is a call with this person already."),
    doubtful(138_004),
    advised(138_005, RateLimited, CALL_LIMIT),
    advised(138_006, PermissionDenied, "Ask the person for permission to call."),
    doubtful(138_007),
    advised(138_009, RateLimited, CALL_LIMIT),
    advised(138_012, RateLimited, CALL_LIMIT),
    advised(138_013, RateLimited, CALL_LIMIT),
    advised(138_018, Config, "Subscribe the app to the field `calls` and switch calling on."),
    advised(139_000, PermissionDenied, "Flows are blocked for this account; see WhatsApp Manager."),
    never(139_001, InvalidMessage),
    never(139_002, InvalidMessage),
    never(139_003, InvalidMessage),
    never(139_004, InvalidMessage),
    advised(139_100, InvalidMessage, "A part was done; look at each person's own error."),
    advised(139_101, InvalidMessage, "The block list is full; unblock somebody first."),
    advised_slow(139_102, Unavailable, "Another change of the block list is under way."),
    doubtful(139_103),
    advised(147_001, InvalidMessage, USERNAME),
    advised(147_002, InvalidMessage, USERNAME),
    advised(147_003, InvalidMessage, USERNAME),
    advised(147_004, InvalidMessage, USERNAME),
    advised(147_005, InvalidMessage, USERNAME),
    advised(200_005, PermissionDenied, "Switch template insights on in WhatsApp Manager."),
    advised(200_006, PermissionDenied, "Template insights cannot be switched off."),
    advised(200_007, PermissionDenied, "Switch template insights on in WhatsApp Manager."),
    advised(1_752_041, InvalidMessage, "The account is being taken in already."),
    advised(2_388_012, Config, MIGRATION),
    advised(2_388_019, TemplateRejected, "The account has as many templates as it may; delete some."),
    advised(2_388_023, TemplateRejected, "This name was deleted; it is free again after 30 days."),
    advised(2_388_024, TemplateRejected, "A template of this name and language exists; edit it or choose another name."),
    advised(2_388_039, TemplateRejected, "A template can be edited only when it is approved, rejected or paused."),
    advised(2_388_040, TemplateRejected, FORMAT),
    advised(2_388_047, TemplateRejected, FORMAT),
    advised(2_388_072, TemplateRejected, FORMAT),
    advised(2_388_073, TemplateRejected, FORMAT),
    advised(2_388_091, Config, MIGRATION),
    advised(2_388_093, Config, MIGRATION),
    advised(2_388_103, Config, MIGRATION),
    advised(2_388_293, TemplateRejected, "Too many placeholders for so few words."),
    advised(2_388_299, TemplateRejected, "A placeholder may not stand at the start or the end."),
    advised(2_388_318, TemplateRejected, "A template that Meta made cannot be edited."),
    advised(2_388_330, TemplateRejected, "A template that Meta made cannot be deleted."),
    advised(2_494_100, Unavailable, "The number is in maintenance for some minutes."),
    advised(2_494_164, InvalidMessage, SIGNUP),
    advised(2_494_165, InvalidMessage, SIGNUP),
    advised(2_494_166, InvalidMessage, SIGNUP),
    advised(2_494_167, InvalidMessage, SIGNUP),
    advised(2_494_168, InvalidMessage, SIGNUP),
    advised(2_494_176, InvalidMessage, SIGNUP),
    advised(2_494_177, InvalidMessage, SIGNUP),
    advised(2_494_179, InvalidMessage, SIGNUP),
    advised(2_593_107, Config, SYNC),
    advised(2_593_108, Config, SYNC),
    advised(2_593_109, Config, SYNC),
];
