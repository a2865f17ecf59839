//! The fields that are read, each found in one pass over the form and decoded when it is asked for.
//!
//! Source: Twilio, "Receive inbound messages" and WhatsApp's own parameters there; Messages resource, status
//! callbacks. Other fields are ignored: Twilio adds to them without notice.
use std::{borrow::Cow, collections::BTreeMap};

use whatsapp_core::{
    Error, ErrorKind, MessageId, Result,
    limits::{self, Limit},
};

use crate::{
    ID,
    wire::{self, Text},
};

/// Most fields of a form. Twilio sends 20 to 40.
const MOST: usize = 1000;

/// The first value that says anything, of those that a field was sent with.
#[derive(Clone, Copy, Default)]
pub(super) struct Field<'f>(Option<Text<'f>>);

impl<'f> Field<'f> {
    /// Whether the form has the field, be it empty.
    pub(super) const fn is_there(self) -> bool {
        self.0.is_some()
    }

    /// What it says, without U+0000: WhatsApp lets it through, and the text type of a database may not hold it.
    /// Nothing else is taken out.
    pub(super) fn text(self) -> Option<Cow<'f, str>> {
        let text = self.0.filter(|text| !text.is_blank())?.decode();
        Some(if text.contains('\0') { text.replace('\0', "").into() } else { text })
    }

    /// What it says, to be kept.
    pub(super) fn string(self) -> Option<String> {
        self.text().map(Cow::into_owned)
    }

    /// Whether it says `true`.
    pub(super) fn is_true(self) -> bool {
        self.text().is_some_and(|text| text.eq_ignore_ascii_case("true"))
    }

    /// Whether `word`, a plain one, stands anywhere in it.
    pub(super) fn mentions(self, word: &str) -> bool {
        self.0.is_some_and(|text| text.mentions(word))
    }

    fn add(&mut self, value: Text<'f>) {
        if self.0.is_none_or(Text::is_blank) {
            self.0 = Some(value);
        }
    }
}

macro_rules! known_fields {
    ($($field:ident = $key:pat,)*) => {
        /// The fields of one form.
        #[derive(Default)]
        pub(super) struct Fields<'f> {
            $(pub(super) $field: Field<'f>,)*
            /// Address and MIME type of each file, by its number.
            pub(super) files: BTreeMap<u8, [Field<'f>; 2]>,
        }

        impl<'f> Fields<'f> {
            fn named(&mut self, key: &[u8]) -> Option<&mut Field<'f>> {
                match key {
                    $($key => Some(&mut self.$field),)*
                    _ => self.of_file(key),
                }
            }
        }
    };
}

known_fields! {
    message_sid = b"MessageSid",
    sms_message_sid = b"SmsMessageSid",
    sms_sid = b"SmsSid",
    message_status = b"MessageStatus",
    sms_status = b"SmsStatus",
    from = b"From",
    to = b"To",
    wa_id = b"WaId",
    profile_name = b"ProfileName",
    username = b"Username",
    user_id = b"ExternalUserId",
    metadata = b"ChannelMetadata",
    message_type = b"MessageType",
    body = b"Body",
    num_media = b"NumMedia",
    latitude = b"Latitude",
    longitude = b"Longitude",
    address = b"Address",
    label = b"Label",
    button_text = b"ButtonText",
    button_payload = b"ButtonPayload",
    list_id = b"ListId",
    list_title = b"ListTitle",
    list_description = b"ListDescription",
    flow = b"FlowData",
    interactive = b"InteractiveData",
    replied_sid = b"OriginalRepliedMessageSid",
    forwarded = b"Forwarded",
    forwarded_often = b"FrequentlyForwarded",
    opt_out = b"OptOutType",
    ad_source_url = b"ReferralSourceUrl",
    ad_source_id = b"ReferralSourceId",
    ad_source_type = b"ReferralSourceType",
    ad_headline = b"ReferralHeadline",
    ad_body = b"ReferralBody",
    ad_media_url = b"ReferralMediaUrl",
    ad_media_type = b"ReferralMediaContentType",
    ad_click_id = b"ReferralCtwaClid",
    error_code = b"ErrorCode",
    error_message = b"ErrorMessage",
    channel_message = b"ChannelStatusMessage",
}

impl<'f> Fields<'f> {
    /// # Errors
    /// [`ErrorKind::Protocol`] if there is no field, more than [`MOST`], or one of more than [`limits::STRING`] bytes
    /// as sent.
    pub(super) fn read(form: &'f [u8]) -> Result<Self> {
        let mut found = Self::default();
        let mut count = 0;
        for (key, value) in wire::fields(form) {
            count += 1;
            if count > MOST {
                return Err(refused(format!("the form exceeds a limit: more than {MOST} fields")));
            }
            if key.raw().len() > limits::STRING || value.raw().len() > limits::STRING {
                return Err(refused(format!("the form exceeds a limit: {}", Limit::String)));
            }
            // Names are plain; one that is escaped for no need is the same name.
            if let Some(field) = found.named(&key.bytes()) {
                field.add(value);
            }
        }
        if count == 0 { Err(refused("the request has no fields".to_owned())) } else { Ok(found) }
    }

    fn of_file(&mut self, key: &[u8]) -> Option<&mut Field<'f>> {
        let (which, number) = match key.strip_prefix(b"Media")? {
            [b'U', b'r', b'l', number @ ..] => (0, number),
            [b'C', b'o', b'n', b't', b'e', b'n', b't', b'T', b'y', b'p', b'e', number @ ..] => (1, number),
            _ => return None,
        };
        let number = std::str::from_utf8(number).ok()?.parse().ok()?;
        self.files.entry(number).or_default().get_mut(which)
    }

    /// The message that the form is about. The three keys hold the same id; old captures lack the first.
    pub(super) fn id(&self) -> Option<MessageId> {
        let sid = [self.message_sid, self.sms_message_sid, self.sms_sid].into_iter().find_map(Field::text);
        sid.map(|sid| MessageId::from(&*sid))
    }
}

fn refused(problem: String) -> Error {
    Error::new(ID, ErrorKind::Protocol, problem)
}
