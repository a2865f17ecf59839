//! WhatsApp Web addresses (JIDs), and who they name.
use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;
use whatsapp_core::{Alias, AliasKind, Identity, PhoneNumber};

use crate::wire::lenient;

/// What kind of chat an address names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Chat {
    /// A person by phone number.
    Phone,
    /// A person by LID.
    Lid,
    /// A group.
    Group,
    /// A broadcast list, or `status@broadcast`.
    Broadcast,
    /// A channel.
    Newsletter,
    /// Anything else.
    Other,
}

/// An address without its device: `972…:12@s.whatsapp.net` and `972…@s.whatsapp.net` are one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Jid<'a> {
    user: &'a str,
    server: &'a str,
}

impl<'a> Jid<'a> {
    pub(crate) fn new(text: &'a str) -> Option<Self> {
        let (user, server) = text.split_once('@')?;
        let user = user.split([':', '_']).next().filter(|user| !user.is_empty())?;
        Some(Self { user, server })
    }

    pub(crate) fn chat(self) -> Chat {
        match self.server {
            "s.whatsapp.net" | "c.us" | "hosted" => Chat::Phone,
            "lid" | "hosted.lid" => Chat::Lid,
            "g.us" => Chat::Group,
            "broadcast" => Chat::Broadcast,
            "newsletter" => Chat::Newsletter,
            _ => Chat::Other,
        }
    }

    /// The phone number; none for `0@s.whatsapp.net`, which is WhatsApp itself.
    pub(crate) fn phone(self) -> Option<PhoneNumber> {
        (self.chat() == Chat::Phone).then(|| PhoneNumber::from_digits(self.user).ok()).flatten()
    }

    fn aliases(self) -> Vec<Alias> {
        if let Some(phone) = self.phone() {
            vec![Alias::new(AliasKind::Phone, phone.as_str()), Alias::new(AliasKind::WaId, self.user)]
        } else if self.chat() == Chat::Lid && self.user.bytes().all(|b| b.is_ascii_digit()) {
            vec![Alias::new(AliasKind::Lid, self.user)]
        } else {
            Vec::new()
        }
    }

    /// The address, rebuilt.
    pub(crate) fn bare(self) -> String {
        format!("{}@{}", self.user, self.server)
    }
}

/// The key of a message. Baileys 7 names the second address `remoteJidAlt`, 6.7 names it by the sender.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Key<'a> {
    #[serde(borrow, default, deserialize_with = "lenient")]
    pub(crate) id: Option<Cow<'a, str>>,
    #[serde(default)]
    pub(crate) from_me: Option<bool>,
    #[serde(borrow, default, deserialize_with = "lenient")]
    remote_jid: Option<Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "lenient")]
    remote_jid_alt: Option<Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "lenient")]
    sender_pn: Option<Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "lenient")]
    sender_lid: Option<Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "lenient")]
    participant_pn: Option<Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "lenient")]
    participant_lid: Option<Cow<'a, str>>,
}

impl<'a> Key<'a> {
    pub(crate) fn read(raw: &'a RawValue) -> Option<Self> {
        serde_json::from_str(raw.get()).ok()
    }

    pub(crate) fn is_ours(&self) -> bool {
        self.from_me == Some(true)
    }

    pub(crate) fn chat(&self) -> Chat {
        self.remote_jid.as_deref().and_then(Jid::new).map_or(Chat::Other, Jid::chat)
    }

    /// Who wrote, in a chat with one person.
    pub(crate) fn sender(&self) -> Option<Identity> {
        let named = [
            &self.remote_jid,
            &self.remote_jid_alt,
            &self.sender_pn,
            &self.participant_pn,
            &self.sender_lid,
            &self.participant_lid,
        ];
        Identity::from_aliases(named.into_iter().flatten().filter_map(|jid| Jid::new(jid)).flat_map(Jid::aliases))
    }

    /// To whom our own message went. The other addresses may be ours then, and would merge us with a contact.
    pub(crate) fn recipient(&self) -> Option<Identity> {
        Identity::from_aliases(self.remote_jid.as_deref().and_then(Jid::new)?.aliases())
    }
}
