//! What this crate has of each feature, and what shows it.
use whatsapp_core::{
    Capabilities, Content, Envelope, Error, InteractiveKind as Kind, Media as _, MediaFile, MediaKind, OutboundMessage,
    PhoneNumber, Presence as _, Probe as _, Recipient, Sender as _, Template, Templates as _, UserId, Verifier as _,
};
use whatsapp_meta::{AccountChange, Meta, MetaWebhook};

/// Names of functions, which the compiler has seen.
macro_rules! calls {
    ($($owner:ident::$name:ident),+ $(,)?) => {{
        $(let _ = $owner::$name;)+
        &[$(concat!(stringify!($owner), "::", stringify!($name))),+]
    }};
}

/// Operations of a line, which the compiler has seen, and the call that each makes, bare or as Markdown.
macro_rules! operations {
    ($($name:ident = $call:literal,)+) => {{
        $(let _ = Meta::$name;)+
        vec![$((stringify!($name), $call)),+]
    }};
}

/// Every operation of a line.
pub(super) fn operations() -> Vec<(&'static str, &'static str)> {
    operations! {
        send = "POST /{phone_number_id}/messages",
        send_raw = "POST /{phone_number_id}/messages",
        mark_read = "POST /{phone_number_id}/messages",
        typing = "POST /{phone_number_id}/messages",
        upload_media = "POST /{phone_number_id}/media",
        media_info = "GET /{media_id}",
        download = "`GET` of the file's address; where it has none or a dead one, `GET /{media_id}` before",
        delete_media = "DELETE /{media_id}",
        begin_upload = "POST /{app_id}/uploads",
        upload_rest = "POST /upload:{id}",
        upload_offset = "GET /upload:{id}",
        upload_sample = "the three before it",
        list = "GET /{waba_id}/message_templates?status=APPROVED",
        list_templates = "GET /{waba_id}/message_templates",
        template = "GET /{template_id}",
        create_template = "POST /{waba_id}/message_templates",
        create_library_template = "POST /{waba_id}/message_templates",
        upsert_authentication_template = "POST /{waba_id}/upsert_message_templates",
        edit_template = "POST /{template_id}",
        unpause_template = "POST /{template_id}/unpause",
        archive_templates = "`POST /{waba_id}/message_templates/archive` at `api.facebook.com`",
        unarchive_templates = "`POST /{waba_id}/message_templates/unarchive` at `api.facebook.com`",
        delete_template = "DELETE /{waba_id}/message_templates?name=",
        delete_template_language = "DELETE /{waba_id}/message_templates?name=&hsm_id=",
        delete_templates = "DELETE /{waba_id}/message_templates?hsm_ids=",
        number_info = "GET /{phone_number_id}?fields=",
        account_numbers = "GET /{waba_id}/phone_numbers",
        health = "GET /{phone_number_id}?fields=health_status",
        account_info = "GET /{waba_id}?fields=",
        business_profile = "GET /{phone_number_id}/whatsapp_business_profile",
        subscribed_apps = "GET /{waba_id}/subscribed_apps",
        subscribe_app = "POST /{waba_id}/subscribed_apps",
        subscribe_app_to = "POST /{waba_id}/subscribed_apps",
        unsubscribe_app = "DELETE /{waba_id}/subscribed_apps",
        token_info = "GET /debug_token",
        probe = "`number_info` twice, `token_info`, `subscribed_apps`, `health`",
        request_raw = "any",
    }
}

/// What shows that we have something.
pub(super) enum Proof {
    /// What a built line says of itself.
    Can(&'static str, fn(&Capabilities) -> bool),
    /// Functions that there are.
    Calls(&'static [&'static str]),
    /// Samples of the project that are read, every item of them.
    Reads(&'static [&'static str]),
    /// Samples that hold what nobody knows, which is kept.
    Keeps(&'static [&'static str]),
    /// A field that a message leads to.
    Writes(&'static str, fn() -> OutboundMessage),
}

/// How we have the feature of a row.
pub(super) struct Ours {
    pub(super) row: &'static str,
    /// `yes`, `partial` or `no`; a capability that the line has not makes it `no`.
    pub(super) value: &'static str,
    pub(super) proofs: Vec<Proof>,
    pub(super) note: &'static str,
}

fn is(row: &'static str, value: &'static str, note: &'static str) -> Ours {
    Ours { row, value, proofs: Vec::new(), note }
}

fn yes(row: &'static str) -> Ours {
    is(row, "yes", "")
}

impl Ours {
    fn can(mut self, what: &'static str, can: fn(&Capabilities) -> bool) -> Self {
        self.proofs.push(Proof::Can(what, can));
        self
    }

    fn calls(mut self, names: &'static [&'static str]) -> Self {
        self.proofs.push(Proof::Calls(names));
        self
    }

    fn reads(mut self, samples: &'static [&'static str]) -> Self {
        self.proofs.push(Proof::Reads(samples));
        self
    }

    fn keeps(mut self, samples: &'static [&'static str]) -> Self {
        self.proofs.push(Proof::Keeps(samples));
        self
    }

    fn writes(mut self, field: &'static str, message: fn() -> OutboundMessage) -> Self {
        self.proofs.push(Proof::Writes(field, message));
        self
    }

    fn noting(mut self, note: &'static str) -> Self {
        self.note = note;
        self
    }
}

fn to_dana(content: impl Into<Content>) -> OutboundMessage {
    let dana: PhoneNumber = "+972541112233".parse().unwrap();
    OutboundMessage::new(dana, content)
}

fn to_noa() -> OutboundMessage {
    let noa: UserId = "IL.44801234567890123456".parse().unwrap();
    OutboundMessage::new(Recipient::User(noa), "שלום")
}

fn voice_note() -> OutboundMessage {
    to_dana(MediaFile::link(MediaKind::Audio, "https://files.example/note.ogg").unwrap().with_voice())
}

pub(super) fn messages() -> Vec<Ours> {
    vec![
        yes("text_media_location").can("text, five kinds of files, places", |can| {
            can.text_max_chars > 0 && can.media.len() == 5 && can.media_ids && can.locations
        }),
        yes("reaction_send").can("reactions", |can| can.reactions),
        yes("contacts_send").can("address cards", |can| can.contacts),
        yes("voice_note_flag").writes("/audio/voice", voice_note),
        yes("buttons_and_list").can("buttons, list", |can| {
            can.interactive.contains(Kind::Buttons) && can.interactive.contains(Kind::List)
        }),
        yes("cta_url").can("link button", |can| can.interactive.contains(Kind::Url)),
        yes("products_and_catalog").can("product, products, catalog", |can| {
            [Kind::Product, Kind::Products, Kind::Catalog].iter().all(|kind| can.interactive.contains(*kind))
        }),
        yes("flow_message").can("flow", |can| can.interactive.contains(Kind::Flow)),
        yes("location_request").can("place request", |can| can.interactive.contains(Kind::LocationRequest)),
        yes("media_carousel").can("carousel", |can| can.interactive.contains(Kind::Carousel)),
        yes("address_message").can("address request", |can| can.interactive.contains(Kind::Address)),
        yes("call_permission_request").can("call permission", |can| can.interactive.contains(Kind::CallPermission)),
        yes("voice_call_button").can("call button", |can| can.interactive.contains(Kind::Call)),
        yes("request_contact_info").can("number request", |can| can.interactive.contains(Kind::ContactRequest)),
        is(
            "order_messages",
            "partial",
            "Sent as raw JSON only, by `send_raw`; orders and payments that come in are read.",
        )
        .calls(calls![Meta::send_raw])
        .reads(&["webhook-message-order", "webhook-status-payment", "webhook-payment-configuration"]),
        yes("reply_context").can("replies", |can| can.replies),
        is(
            "callback_data",
            "partial",
            "An id of 16 bytes. Another text goes by `send_raw`, and comes back in `raw` only.",
        )
        .can("echoed correlation", |can| can.echoes_correlation)
        .reads(&["webhook-status-sent-callback-data"]),
        yes("mark_read").can("read receipts", |can| can.read_receipts).calls(calls![Meta::mark_read]),
        yes("typing_indicator").can("typing", |can| can.typing).calls(calls![Meta::typing]),
        yes("user_ids").writes("/recipient", to_noa).reads(&[
            "webhook-message-text-user-id",
            "webhook-message-text-no-phone",
            "webhook-status-delivered-user-id-only",
        ]),
        is("groups", "partial", "Written to, and read; making and changing one goes by `request_raw`.")
            .can("groups", |can| can.groups)
            .reads(&["webhook-message-group", "webhook-group-created", "webhook-group-participants-joined"]),
        is("calling", "partial", "Buttons, permissions and webhooks; calling and answering go by `request_raw`.")
            .can("call button", |can| can.interactive.contains(Kind::Call))
            .reads(&[
                "webhook-calls-connect-user-initiated",
                "webhook-calls-terminate-completed",
                "webhook-calls-status",
            ]),
        is("direct_send", "partial", "As raw JSON only, by `send_raw`.").calls(calls![Meta::send_raw]),
        is("marketing_messages", "no", "`request_raw`."),
    ]
}

pub(super) fn templates() -> Vec<Ours> {
    vec![
        yes("template_send").can("templates, header, buttons, cards", |can| can.templates && can.template_parts),
        yes("template_crud").calls(calls![
            Meta::list_templates,
            Meta::template,
            Meta::create_template,
            Meta::edit_template,
            Meta::delete_template,
            Meta::delete_template_language,
            Meta::delete_templates,
            Meta::unpause_template,
        ]),
        yes("template_library")
            .calls(calls![Meta::create_library_template])
            .noting("Made from the library; the library itself is browsed by `request_raw`."),
        is("template_migration", "no", "`request_raw`."),
        yes("template_archive").calls(calls![Meta::archive_templates, Meta::unarchive_templates]),
        yes("authentication_templates")
            .calls(calls![Meta::upsert_authentication_template])
            .writes("/template/components/1", || to_dana(Template::authentication("login_code", "he", "493021"))),
        yes("template_webhooks").reads(&[
            "webhook-template-status",
            "webhook-template-quality",
            "webhook-template-category-done",
            "webhook-template-components",
            "webhook-template-correct-category",
        ]),
    ]
}

pub(super) fn account() -> Vec<Ours> {
    vec![
        yes("media_transfer")
            .calls(calls![Meta::upload_media, Meta::media_info, Meta::download, Meta::delete_media])
            .noting("What is downloaded is compared with its hash."),
        yes("resumable_upload").calls(calls![
            Meta::begin_upload,
            Meta::upload_rest,
            Meta::upload_offset,
            Meta::upload_sample,
        ]),
        is("business_profile", "partial", "Read; changed by `request_raw`.").calls(calls![Meta::business_profile]),
        is("commerce_settings", "no", "`request_raw`."),
        is("qr_codes", "no", "`request_raw`."),
        is("block_users", "no", "`request_raw`."),
        is("phone_management", "no", "Numbers are listed and looked up; the rest goes by `request_raw`.")
            .calls(calls![Meta::number_info, Meta::account_numbers]),
        yes("account_and_subscription")
            .calls(calls![
                Meta::account_info,
                Meta::subscribed_apps,
                Meta::subscribe_app,
                Meta::subscribe_app_to,
                Meta::unsubscribe_app,
            ])
            .noting("Callback of the account; that of one number goes by `request_raw`."),
        is("signup_code_exchange", "no", ""),
        yes("token_inspection").calls(calls![Meta::token_info]),
        is("flows_api", "no", "`request_raw`."),
        is("flow_endpoint", "no", ""),
        is("analytics", "no", "`request_raw`."),
        is("graph_batch", "no", ""),
    ]
}

pub(super) fn webhooks() -> Vec<Ours> {
    vec![
        yes("webhook_verification").calls(calls![MetaWebhook::challenge]),
        yes("webhook_signature").calls(calls![MetaWebhook::verify]).noting("Takes two secrets, for a rotation."),
        yes("webhook_batches").reads(&["webhook-batch"]).keeps(&["webhook-batch-entries"]),
        yes("webhook_unknown_fields")
            .keeps(&["webhook-field-unknown", "webhook-message-unknown-future", "webhook-damaged-neighbours"])
            .noting("Given as `Event::Unknown` with its bytes."),
        yes("statuses").reads(&["webhook-status-played", "webhook-status-pricing-categories", "webhook-status-read"]),
        yes("coexistence_echoes").reads(&[
            "webhook-smb-echo-text",
            "webhook-smb-echo-image",
            "webhook-smb-echo-edited",
            "webhook-smb-echo-revoked",
        ]),
        is("coexistence_history", "partial", "Read, typed; asking for it goes by `request_raw`.").reads(&[
            "webhook-history-threads",
            "webhook-history-media",
            "webhook-history-declined",
            "webhook-smb-contact-added",
            "webhook-smb-contact-removed",
        ]),
        yes("account_webhooks").calls(calls![AccountChange::of]).reads(&[
            "webhook-account-update-restriction",
            "webhook-account-alert",
            "webhook-account-review",
            "webhook-account-settings",
            "webhook-business-capability",
            "webhook-phone-number-name",
            "webhook-phone-number-quality-events",
            "webhook-security",
        ]),
        yes("error_classes").calls(calls![Error::kind, Error::code, Error::advice]),
        yes("retry_hint").calls(calls![Error::retry]),
        is(
            "deduplication",
            "partial",
            "A key for each event; keeping the keys is the caller's, or `prosaas-server`'s.",
        )
        .calls(calls![Envelope::event_id]),
    ]
}
