use std::collections::HashSet;

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, SqlErr,
};
use sha2::{Digest, Sha256};
use uuid::Uuid;
use whatsapp_core::{Content, Identity, MediaSource, MessageId, Recipient, Status};

use super::{
    contact, event_log,
    line::take_numbers,
    message,
    statement::{SHORT, filled},
};
use crate::{
    domain::{LineRef, MessageRef},
    store::{
        StoreError, TenantStore,
        entity::{conversation, idempotency, outbox, whatsapp_message},
    },
};

/// How long a message may wait before it is given up, in milliseconds.
const HORIZON_MS: i64 = 24 * 3600 * 1000;

/// A message to be committed for sending.
#[derive(Clone, Debug)]
pub(crate) struct NewOutbound {
    /// Which line; `None` makes an intent that only a link can carry out.
    pub line: Option<LineRef>,
    pub provider: String,
    pub recipient: Recipient,
    pub person: Identity,
    pub content: Content,
    pub reply_to: Option<MessageId>,
    /// `Idempotency-Key` and the request it came with.
    pub idempotency: Option<(String, Vec<u8>)>,
}

/// What became of committing a message.
#[derive(Clone, Debug)]
pub(crate) enum Enqueued {
    New(MessageRef),
    /// The key was used before, for the same request.
    Repeated(MessageRef),
    /// The key was used before, for another request.
    Conflict,
}

impl TenantStore<'_> {
    /// Commits a message, its outbox row and its idempotency key in one transaction.
    pub(crate) async fn enqueue(&self, new: &NewOutbound) -> Result<Enqueued, StoreError> {
        let mut tries = 0;
        loop {
            tries += 1;
            match self.try_enqueue(new).await {
                // Another request made the same contact or used the same key meanwhile; now it is there to be found.
                Err(StoreError::Database(error))
                    if tries < 3 && matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {}
                done => return done,
            }
        }
    }

    /// What the key was used for before, if it was.
    pub(crate) async fn used_key(&self, key: &str, request: &[u8]) -> Result<Option<Enqueued>, StoreError> {
        self.used_key_in(self.reader(), key, request).await
    }

    async fn used_key_in(
        &self,
        db: &impl ConnectionTrait,
        key: &str,
        request: &[u8],
    ) -> Result<Option<Enqueued>, StoreError> {
        let used = idempotency::Entity::find_by_id((self.id(), key.to_owned())).one(db).await?;
        Ok(used.map(|used| {
            let same = used.body_hash == Sha256::digest(request).to_vec();
            let message = MessageRef(used.message_id);
            if same { Enqueued::Repeated(message) } else { Enqueued::Conflict }
        }))
    }

    async fn try_enqueue(&self, new: &NewOutbound) -> Result<Enqueued, StoreError> {
        let clock = self.store().clock();
        let tx = self.store().begin().await?;
        if let Some((key, request)) = &new.idempotency
            && let Some(used) = self.used_key_in(&tx, key, request).await?
        {
            return Ok(used);
        }
        let known = contact::resolve(&tx, clock, &[(self.id(), &new.person)]).await?;
        let known = known.first().cloned().ok_or_else(|| sea_orm::DbErr::RecordNotFound("contact".to_owned()))?;
        let row = self.message_row(new, &known)?;
        let id = MessageRef(row.id);
        whatsapp_message::Entity::insert(row.clone().into_active_model()).exec_without_returning(&tx).await?;
        if let Some(line) = new.line {
            let now_ms = self.store().read_clock(&tx).await?;
            let out = outbox::Model {
                id: clock.id(),
                business_id: self.id(),
                line_id: line.0,
                message_id: row.id,
                lane: lane(&new.person),
                seq: take_numbers(&tx, line.0, 1).await?,
                state: "queued".to_owned(),
                recipient: serde_json::to_value(&new.recipient)?,
                content: serde_json::to_value(&new.content)?,
                reply_to: new.reply_to.as_ref().map(MessageId::to_string),
                attempts: 0,
                fence: 0,
                run_at_ms: now_ms,
                expires_at_ms: now_ms + HORIZON_MS,
                tried_at_ms: None,
                provider_message_id: None,
                created_at: row.created_at,
            };
            outbox::Entity::insert(out.into_active_model()).exec_without_returning(&tx).await?;
        }
        if let Some((key, request)) = &new.idempotency {
            let used = idempotency::Model {
                business_id: self.id(),
                key: key.clone(),
                body_hash: Sha256::digest(request).to_vec(),
                message_id: row.id,
                created_at: row.created_at,
            };
            idempotency::Entity::insert(used.into_active_model()).exec_without_returning(&tx).await?;
        }
        touch_conversation(&tx, &row).await?;
        let event = event_log::NewEvent { business: self.id(), kind: "message.queued", data: message::summary(&row) };
        event_log::append(&tx, vec![event], row.created_at).await?;
        tx.commit().await?;
        Ok(Enqueued::New(id))
    }

    fn message_row(&self, new: &NewOutbound, known: &contact::Known) -> Result<whatsapp_message::Model, StoreError> {
        let clock = self.store().clock();
        let now = clock.now();
        let (body, media_url) = shown(&new.content);
        Ok(whatsapp_message::Model {
            id: clock.id(),
            business_id: self.id(),
            conversation_id: known.conversation,
            customer_id: known.customer,
            line_id: new.line.map(|line| line.0),
            direction: "out".to_owned(),
            provider: new.provider.clone(),
            provider_message_id: None,
            phone_number: new.person.phone().map(String::from).or_else(|| known.phone.clone()),
            kind: new.content.kind().to_owned(),
            body,
            media_url,
            media_type: None,
            content: serde_json::to_value(&new.content)?,
            reply_to: new.reply_to.as_ref().map(MessageId::to_string),
            status: if new.line.is_some() { Status::Queued.as_str() } else { "intent" }.to_owned(),
            reason: None,
            error_kind: None,
            error_code: None,
            error_message: None,
            error_advice: None,
            recovered: false,
            timestamp: now,
            created_at: now,
            sent_at: None,
            delivered_at: None,
            read_at: None,
            played_at: None,
            failed_at: None,
        })
    }
}

/// The lane of a person on a line: the strongest name.
pub(crate) fn lane(person: &Identity) -> String {
    let key = person.key();
    format!("{}:{}", key.kind().as_str(), key.value())
}

/// What an agent sees of a message: text and address.
fn shown(content: &Content) -> (Option<String>, Option<String>) {
    match content {
        Content::Text(text) => (Some(text.body.clone()), None),
        Content::Media(file) => {
            let link = if let MediaSource::Link(url) = &file.source { Some(url.to_string()) } else { None };
            (file.caption.clone(), link)
        }
        Content::Template(template) => (template.rendered().or_else(|| Some(template.name.clone())), None),
        Content::Location(place) => (place.name.clone(), None),
        Content::Reaction(reaction) => (reaction.emoji.clone(), None),
        Content::Interactive(interactive) => (interactive.body.clone(), None),
        Content::Contacts(contacts) => {
            let names = contacts.contacts.iter().map(|card| card.name.formatted_name.as_str());
            (Some(names.collect::<Vec<_>>().join(", ")), None)
        }
        _ => (None, None),
    }
}

async fn touch_conversation(tx: &impl ConnectionTrait, row: &whatsapp_message::Model) -> Result<(), StoreError> {
    let mut change = conversation::ActiveModel { id: Set(row.conversation_id), ..Default::default() };
    change.last_text = Set(row.body.clone());
    change.last_message_at = Set(row.created_at);
    change.update(tx).await?;
    Ok(())
}

/// The outbox rows of messages, which may settle them; locked until the transaction ends.
pub(crate) async fn of_messages(
    tx: &impl ConnectionTrait,
    messages: &[Uuid],
) -> Result<Vec<outbox::Model>, StoreError> {
    let rows = outbox::Entity::find()
        .filter(outbox::Column::MessageId.is_in(filled(messages.iter().copied())))
        .order_by_asc(outbox::Column::Id)
        .lock_exclusive();
    Ok(rows.all(tx).await?)
}

/// Which of these provider ids of the line are those of other messages than `message`.
pub(crate) async fn others(
    tx: &impl ConnectionTrait,
    line: Uuid,
    message: Uuid,
    ids: &[&str],
) -> Result<HashSet<String>, StoreError> {
    let mut others = HashSet::new();
    for some in ids.chunks(SHORT) {
        let shown: Vec<Option<String>> = whatsapp_message::Entity::find()
            .select_only()
            .column(whatsapp_message::Column::ProviderMessageId)
            .filter(whatsapp_message::Column::LineId.eq(line))
            .filter(whatsapp_message::Column::ProviderMessageId.is_in(filled(some.iter().copied())))
            .filter(whatsapp_message::Column::Id.ne(message))
            .into_tuple()
            .all(tx)
            .await?;
        // One that reached the provider twice has its second id here only.
        let sent: Vec<Option<String>> = outbox::Entity::find()
            .select_only()
            .column(outbox::Column::ProviderMessageId)
            .filter(outbox::Column::LineId.eq(line))
            .filter(outbox::Column::ProviderMessageId.is_in(filled(some.iter().copied())))
            .filter(outbox::Column::MessageId.ne(message))
            .into_tuple()
            .all(tx)
            .await?;
        others.extend(shown.into_iter().chain(sent).flatten());
    }
    Ok(others)
}

/// The recipient and content of an outbox row.
pub(crate) fn opened(row: &outbox::Model) -> Result<(Recipient, Content), StoreError> {
    Ok((serde_json::from_value(row.recipient.clone())?, serde_json::from_value(row.content.clone())?))
}
