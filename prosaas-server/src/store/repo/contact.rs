use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde::Serialize;
use uuid::Uuid;
use whatsapp_core::{Alias, AliasKind, Identity, PhoneNumber, Recipient};

use super::{insert_rows, statement::filled};
use crate::{
    clock::Clock,
    domain::ContactId,
    store::{
        StoreError, TenantStore,
        entity::{conversation, customer, customer_alias, lead},
    },
};

/// A contact, as the API shows it.
#[derive(Clone, Debug, Serialize)]
pub struct ContactView {
    /// Its id.
    pub id: ContactId,
    /// Display name.
    pub name: Option<String>,
    /// E.164, if known.
    pub phone: Option<String>,
    /// `new` …
    pub status: String,
}

impl From<customer::Model> for ContactView {
    fn from(row: customer::Model) -> Self {
        Self { id: ContactId(row.id), name: row.name, phone: row.phone, status: row.status }
    }
}

/// A person, found or made.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub customer: Uuid,
    pub conversation: Uuid,
    pub phone: Option<String>,
}

impl TenantStore<'_> {
    /// How a provider can reach a contact: the phone number first.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn recipient_of(&self, contact: ContactId, provider: &str) -> Result<Option<Recipient>, StoreError> {
        let names = customer_alias::Entity::find()
            .filter(customer_alias::Column::BusinessId.eq(self.id()))
            .filter(customer_alias::Column::CustomerId.eq(contact.0))
            .all(self.reader())
            .await?;
        let value =
            |kind: AliasKind| names.iter().find(|name| name.kind == kind.as_str()).map(|name| name.value.as_str());
        if let Some(phone) = value(AliasKind::Phone).and_then(|phone| phone.parse().ok()) {
            return Ok(Some(Recipient::Phone(phone)));
        }
        Ok(match provider {
            "baileys" => value(AliasKind::Lid).map(|lid| Recipient::Lid(lid.into())),
            _ => value(AliasKind::Bsuid).and_then(|id| id.parse().ok()).map(Recipient::User),
        })
    }

    /// The contact with this phone number.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn contact_by_phone(&self, phone: &PhoneNumber) -> Result<Option<ContactId>, StoreError> {
        let found = customer_alias::Entity::find()
            .filter(customer_alias::Column::BusinessId.eq(self.id()))
            .filter(customer_alias::Column::Kind.eq(AliasKind::Phone.as_str()))
            .filter(customer_alias::Column::Value.eq(phone.as_str()))
            .one(self.reader())
            .await?;
        Ok(found.map(|row| ContactId(row.customer_id)))
    }
}

type AliasKey = (Uuid, String, String);

/// The identity graph of a batch: who is known, and who is to be made.
struct Graph<'c> {
    clock: &'c Clock,
    owners: HashMap<AliasKey, Uuid>,
    customers: HashMap<Uuid, customer::Model>,
    new_customers: Vec<Uuid>,
    renamed: HashSet<Uuid>,
    new_aliases: Vec<customer_alias::Model>,
}

/// Finds or makes contact, names, conversation and lead of each person, in the order given.
///
/// A person whose names belong to different contacts is the contact of the strongest name: contacts are never merged
/// by a webhook.
pub(crate) async fn resolve(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    people: &[(Uuid, &Identity)],
) -> Result<Vec<Known>, StoreError> {
    let mut graph = Graph::load(tx, clock, people).await?;
    let owners: Vec<Uuid> = people.iter().map(|(business, person)| graph.owner(*business, person)).collect();
    graph.save(tx).await?;
    let conversations = conversations(tx, clock, &graph, &owners).await?;
    let known = owners.iter().map(|owner| Known {
        customer: *owner,
        conversation: conversations.get(owner).copied().unwrap_or_default(),
        phone: graph.customers.get(owner).and_then(|row| row.phone.clone()),
    });
    Ok(known.collect())
}

fn key(business: Uuid, alias: &Alias) -> AliasKey {
    (business, alias.kind().as_str().to_owned(), alias.value().to_owned())
}

impl<'c> Graph<'c> {
    async fn load(
        tx: &impl ConnectionTrait,
        clock: &'c Clock,
        people: &[(Uuid, &Identity)],
    ) -> Result<Self, StoreError> {
        let businesses: HashSet<Uuid> = people.iter().map(|(business, _)| *business).collect();
        let values: HashSet<&str> = people.iter().flat_map(|(_, person)| person.aliases()).map(Alias::value).collect();
        let names = customer_alias::Entity::find()
            .filter(customer_alias::Column::BusinessId.is_in(filled(businesses)))
            .filter(customer_alias::Column::Value.is_in(filled(values)))
            .all(tx)
            .await?;
        let ids: HashSet<Uuid> = names.iter().map(|name| name.customer_id).collect();
        let customers = customer::Entity::find().filter(customer::Column::Id.is_in(filled(ids))).all(tx).await?;
        Ok(Self {
            clock,
            owners: names.into_iter().map(|row| ((row.business_id, row.kind, row.value), row.customer_id)).collect(),
            customers: customers.into_iter().map(|row| (row.id, row)).collect(),
            new_customers: Vec::new(),
            renamed: HashSet::new(),
            new_aliases: Vec::new(),
        })
    }

    fn owner(&mut self, business: Uuid, person: &Identity) -> Uuid {
        let mut names: Vec<&Alias> = person.aliases().iter().filter(|alias| alias.kind().identifies()).collect();
        names.sort_by_key(|alias| alias.kind());
        let known = names.iter().find_map(|alias| self.owners.get(&key(business, alias)).copied());
        let owner = known.unwrap_or_else(|| self.make(business, person));
        for alias in names {
            let free = !self.owners.contains_key(&key(business, alias));
            if free {
                self.owners.insert(key(business, alias), owner);
                self.new_aliases.push(customer_alias::Model {
                    id: self.clock.id(),
                    business_id: business,
                    customer_id: owner,
                    kind: alias.kind().as_str().to_owned(),
                    value: alias.value().to_owned(),
                    created_at: self.clock.now(),
                });
            }
        }
        self.complete(owner, person);
        owner
    }

    fn make(&mut self, business: Uuid, person: &Identity) -> Uuid {
        let now = self.clock.now();
        let row = customer::Model {
            id: self.clock.id(),
            business_id: business,
            name: person.name().map(str::to_owned),
            phone: person.phone().map(String::from),
            email: None,
            status: "new".to_owned(),
            created_at: now,
            updated_at: now,
        };
        let id = row.id;
        self.new_customers.push(id);
        self.customers.insert(id, row);
        id
    }

    /// Adds a name or number that was not known; never replaces one, which an agent may have written.
    fn complete(&mut self, owner: Uuid, person: &Identity) {
        let Some(row) = self.customers.get_mut(&owner) else { return };
        let (name, phone) = (person.name().map(str::to_owned), person.phone().map(String::from));
        let adds = (row.name.is_none() && name.is_some()) || (row.phone.is_none() && phone.is_some());
        if adds {
            row.name = row.name.take().or(name);
            row.phone = row.phone.take().or(phone);
            row.updated_at = self.clock.now();
            self.renamed.insert(owner);
        }
    }

    async fn save(&self, tx: &impl ConnectionTrait) -> Result<(), StoreError> {
        let made: Vec<_> = self.new_customers.iter().filter_map(|id| self.customers.get(id)).cloned().collect();
        let leads: Vec<_> = made.iter().map(|row| self.lead(row)).collect();
        insert_rows!(customer::Entity, made, tx);
        insert_rows!(customer_alias::Entity, self.new_aliases, tx);
        insert_rows!(lead::Entity, leads, tx);
        for id in self.renamed.iter().filter(|id| !self.new_customers.contains(id)) {
            if let Some(row) = self.customers.get(id) {
                let mut change = customer::ActiveModel { id: Set(row.id), ..Default::default() };
                change.name = Set(row.name.clone());
                change.phone = Set(row.phone.clone());
                change.updated_at = Set(row.updated_at);
                change.update(tx).await?;
            }
        }
        Ok(())
    }

    fn lead(&self, row: &customer::Model) -> lead::Model {
        lead::Model {
            id: self.clock.id(),
            business_id: row.business_id,
            customer_id: row.id,
            source: "whatsapp".to_owned(),
            status: "new".to_owned(),
            created_at: row.created_at,
        }
    }
}

async fn conversations(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    graph: &Graph<'_>,
    owners: &[Uuid],
) -> Result<HashMap<Uuid, Uuid>, StoreError> {
    let wanted: HashSet<Uuid> = owners.iter().copied().collect();
    let rows =
        conversation::Entity::find().filter(conversation::Column::CustomerId.is_in(filled(wanted.iter().copied())));
    let mut found: HashMap<Uuid, Uuid> = rows.all(tx).await?.into_iter().map(|row| (row.customer_id, row.id)).collect();
    let now: DateTime<Utc> = clock.now();
    let missing =
        wanted.iter().filter(|owner| !found.contains_key(owner)).filter_map(|owner| graph.customers.get(owner));
    let made: Vec<_> = missing
        .map(|owner| conversation::Model {
            id: clock.id(),
            business_id: owner.business_id,
            customer_id: owner.id,
            status: "open".to_owned(),
            last_text: None,
            last_message_at: now,
            last_inbound_at: None,
            unread_count: 0,
            created_at: now,
        })
        .collect();
    insert_rows!(conversation::Entity, made, tx);
    found.extend(made.into_iter().map(|row| (row.customer_id, row.id)));
    Ok(found)
}
