//! A contact's message.
use std::borrow::Cow;

use whatsapp_core::{
    Event, Forwarded, Identity, InboundContent, InboundMessage, MessageId, Preference, PreferenceChoice, Referral,
    Unknown,
};

use super::{
    content::{self, Reading, is_sms},
    fields::Fields,
    kind,
    media::{file_id, files},
    person::sender,
};

/// The message `id`, as one event or one for each of its files, and what the contact wished with it.
pub(super) fn read(fields: &Fields<'_>, id: Option<MessageId>) -> Vec<Event> {
    let mut claimed = fields.message_type.text().unwrap_or_default();
    if claimed.bytes().any(|byte| byte.is_ascii_uppercase()) {
        claimed = Cow::Owned(claimed.to_ascii_lowercase());
    }
    let reading = content::read(fields, &claimed);
    // Nobody on WhatsApp wrote what came by SMS, and an answer there would surprise.
    let writer = sender(fields).filter(|_| !is_sms(fields));
    let (sid, from) = match (id, writer) {
        (Some(id), Some(from)) => (id, from),
        (id, from) => return vec![unknown(reading.name(), id, from)],
    };
    let wish = preference(fields, &from).map(Event::Preference);
    let mut events = match reading {
        Reading::Content(content) => vec![message(fields, sid, from, content)],
        Reading::Other(name) => vec![unknown(&name, Some(sid), Some(from))],
        // The first file carries type, caption and advertisement of the whole.
        Reading::Files => files(fields)
            .map(|file| {
                let first = file.at == 0;
                let mut media = file.read(if first { &claimed } else { "" });
                media.caption = if first { fields.body.string() } else { None };
                message(fields, file_id(sid.as_str(), file.at), from.clone(), InboundContent::Media(media))
            })
            .collect(),
    };
    if let Some(Event::Message(first)) = events.first_mut() {
        first.referral = referral(fields).map(Box::new);
    }
    events.extend(wish);
    events
}

fn unknown(name: &str, id: Option<MessageId>, from: Option<Identity>) -> Event {
    Event::Unknown(Unknown::new(kind("message", name)).with_id(id).with_from(from))
}

fn message(fields: &Fields<'_>, id: MessageId, from: Identity, content: InboundContent) -> Event {
    // A reaction stands on that message and quotes nothing.
    let is_reaction = matches!(content, InboundContent::Reaction(_));
    let reply_to = fields.replied_sid.text().filter(|_| !is_reaction).map(|sid| MessageId::from(&*sid));
    let forwarded = if fields.forwarded_often.is_true() {
        Some(Forwarded::Often)
    } else {
        fields.forwarded.is_true().then_some(Forwarded::Once)
    };
    Event::Message(InboundMessage::new(id, from, content).with_reply_to(reply_to).with_forwarded(forwarded))
}

/// The advertisement or post that was tapped. Its picture's id (`ReferralMediaId`) leads nowhere and stays unread.
fn referral(fields: &Fields<'_>) -> Option<Referral> {
    let mut referral = Referral::default();
    referral.source_url = fields.ad_source_url.string();
    referral.source_id = fields.ad_source_id.string();
    referral.source_type = fields.ad_source_type.string();
    referral.headline = fields.ad_headline.string();
    referral.body = fields.ad_body.string();
    referral.click_id = fields.ad_click_id.string();
    let mime = fields.ad_media_type.text().unwrap_or_default();
    let media_type = mime.split('/').next().filter(|kind| matches!(*kind, "image" | "video"));
    referral.media_type = media_type.map(str::to_owned);
    let picture = if media_type == Some("video") { &mut referral.video_url } else { &mut referral.image_url };
    *picture = fields.ad_media_url.string();
    Some(referral).filter(|referral| *referral != Referral::default())
}

/// What Twilio's own word list for opting out made of the message. It concerns everything that the sender sends, which
/// Twilio refuses from then on (21610). `HELP` asks for nothing to change, and what somebody wants of a number by SMS
/// is not what they want of it on WhatsApp.
///
/// Source: Twilio, Advanced Opt-Out, `OptOutType`.
fn preference(fields: &Fields<'_>, from: &Identity) -> Option<Preference> {
    let choice = match &*fields.opt_out.text()? {
        "STOP" => PreferenceChoice::Stop,
        "START" => PreferenceChoice::Resume,
        _ => return None,
    };
    (!is_sms(fields)).then(|| Preference::new(from.clone(), "messages", choice))
}
