use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;
use whatsapp_core::Settings;

use crate::{
    clock::random,
    crypto::{CryptoError, Place},
    domain::{BusinessId, LineRef},
    store::{
        Store, StoreError, TenantStore,
        entity::{line, line_cursor, line_lease, outbox},
    },
};

/// A line and its opened settings.
#[derive(Clone, Debug)]
pub struct LineRow {
    /// Its id.
    pub id: LineRef,
    /// Whose.
    pub business: BusinessId,
    /// Its provider.
    pub provider: String,
    /// The provider's id of it.
    pub external_id: String,
    /// Random name of its own webhook address.
    pub hook_id: String,
    /// Settings for the provider's builder.
    pub settings: Settings,
    /// Whether it comes from the environment.
    pub from_environment: bool,
    /// When it was first seen working.
    pub linked_at: Option<DateTime<Utc>>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// Where a line's settings came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    Config,
    Environment,
}

impl Origin {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Environment => "env",
        }
    }
}

/// What became of setting a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LineSet {
    Done(LineRef),
    /// Another business has this number.
    Taken,
}

impl Store {
    /// All lines in use, opened.
    pub(crate) async fn lines(&self) -> Result<Vec<LineRow>, StoreError> {
        let rows = line::Entity::find().filter(line::Column::RemovedAt.is_null());
        let rows = rows.order_by_asc(line::Column::CreatedAt).all(self.reader()).await?;
        rows.into_iter().map(|row| self.open_line(row)).collect()
    }

    /// Changes whenever a line does.
    pub(crate) async fn lines_version(&self) -> Result<(u64, Option<DateTime<Utc>>), StoreError> {
        let count = line::Entity::find().count(self.reader()).await?;
        let latest = line::Entity::find().select_only().column(line::Column::UpdatedAt);
        let latest = latest.order_by_desc(line::Column::UpdatedAt).limit(1).into_tuple().one(self.reader()).await?;
        Ok((count, latest))
    }

    fn open_line(&self, row: line::Model) -> Result<LineRow, StoreError> {
        let plain = self.keys().open(&place(row.business_id, row.id), &row.credentials)?;
        Ok(LineRow {
            id: LineRef(row.id),
            business: BusinessId(row.business_id),
            provider: row.provider,
            external_id: row.external_id,
            hook_id: row.hook_id,
            settings: serde_json::from_slice(&plain)?,
            from_environment: row.origin == Origin::Environment.as_str(),
            linked_at: row.linked_at,
            updated_at: row.updated_at,
        })
    }

    /// Removes the lines of the environment that it no longer configures.
    pub(crate) async fn keep_environment_lines(&self, keep: &[LineRef]) -> Result<(), StoreError> {
        let tx = self.begin().await?;
        let gone = line::Entity::find()
            .filter(line::Column::Origin.eq(Origin::Environment.as_str()))
            .filter(line::Column::RemovedAt.is_null())
            .filter(line::Column::Id.is_not_in(keep.iter().map(|id| id.0)));
        for row in gone.all(&tx).await? {
            remove(&tx, row, self.clock().now()).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Notes that a line was seen working.
    pub(crate) async fn line_linked(&self, id: LineRef) -> Result<(), StoreError> {
        let tx = self.begin().await?;
        let fresh = line::Entity::find_by_id(id.0).filter(line::Column::LinkedAt.is_null()).one(&tx).await?;
        if let Some(row) = fresh {
            let mut row = row.into_active_model();
            row.linked_at = Set(Some(self.clock().now()));
            row.update(&tx).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}

impl TenantStore<'_> {
    /// Whether the business ever had a line that worked.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn ever_linked(&self) -> Result<bool, StoreError> {
        let linked = line::Entity::find().filter(line::Column::BusinessId.eq(self.id()));
        Ok(linked.filter(line::Column::LinkedAt.is_not_null()).count(self.reader()).await? > 0)
    }

    /// Whether the business set up a line of its own at this provider.
    pub(crate) async fn has_own_line(&self, provider: &str) -> Result<bool, StoreError> {
        let own = line::Entity::find()
            .filter(line::Column::BusinessId.eq(self.id()))
            .filter(line::Column::Provider.eq(provider))
            .filter(line::Column::Origin.eq(Origin::Config.as_str()))
            .filter(line::Column::RemovedAt.is_null());
        Ok(own.count(self.reader()).await? > 0)
    }

    /// Makes or changes the line with this number.
    pub(crate) async fn set_line(
        &self,
        provider: &str,
        external_id: &str,
        settings: &Settings,
        origin: Origin,
    ) -> Result<LineSet, StoreError> {
        let now = self.store().clock().now();
        let tx = self.store().begin().await?;
        let same_number = line::Entity::find()
            .filter(line::Column::Provider.eq(provider))
            .filter(line::Column::ExternalId.eq(external_id));
        let id = match same_number.one(&tx).await? {
            Some(row) if row.business_id != self.id() && row.removed_at.is_none() => return Ok(LineSet::Taken),
            Some(row) => {
                let id = row.id;
                // A number that another business gave up begins anew: its old messages keep the old row's id.
                if row.business_id == self.id() {
                    let mut row = row.into_active_model();
                    row.credentials = Set(self.seal(id, settings)?);
                    row.origin = Set(origin.as_str().to_owned());
                    row.removed_at = Set(None);
                    row.updated_at = Set(now);
                    row.update(&tx).await?;
                    self.wake_suspended(&tx, id).await?;
                    id
                } else {
                    let mut old = row.into_active_model();
                    old.external_id = Set(format!("{external_id}#{id}"));
                    old.update(&tx).await?;
                    self.insert_line(&tx, provider, external_id, settings, origin).await?
                }
            }
            None => self.insert_line(&tx, provider, external_id, settings, origin).await?,
        };
        // One line per provider: a business that changes its number leaves the old line behind.
        let others = line::Entity::find()
            .filter(line::Column::BusinessId.eq(self.id()))
            .filter(line::Column::Provider.eq(provider))
            .filter(line::Column::RemovedAt.is_null())
            .filter(line::Column::Id.ne(id));
        for row in others.all(&tx).await? {
            remove(&tx, row, now).await?;
        }
        tx.commit().await?;
        Ok(LineSet::Done(LineRef(id)))
    }

    /// What rests because the old credentials were refused is tried with the new ones.
    async fn wake_suspended(&self, tx: &impl ConnectionTrait, line: Uuid) -> Result<(), StoreError> {
        outbox::Entity::update_many()
            .col_expr(outbox::Column::RunAtMs, self.store().now_ms())
            .filter(outbox::Column::LineId.eq(line))
            .filter(outbox::Column::State.eq("suspended"))
            .exec(tx)
            .await?;
        Ok(())
    }

    async fn insert_line(
        &self,
        tx: &impl ConnectionTrait,
        provider: &str,
        external_id: &str,
        settings: &Settings,
        origin: Origin,
    ) -> Result<Uuid, StoreError> {
        let (now, id) = (self.store().clock().now(), self.store().clock().id());
        let row = line::Model {
            id,
            business_id: self.id(),
            provider: provider.to_owned(),
            external_id: external_id.to_owned(),
            hook_id: hex::encode(random::<16>().map_err(|_| CryptoError::Seal)?),
            credentials: self.seal(id, settings)?,
            origin: origin.as_str().to_owned(),
            linked_at: None,
            removed_at: None,
            created_at: now,
            updated_at: now,
        };
        line::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
        let lease = line_lease::Model { line_id: id, node_id: None, fence: 0 };
        line_lease::Entity::insert(lease.into_active_model()).exec_without_returning(tx).await?;
        let cursor = line_cursor::Model { line_id: id, next_seq: 1 };
        line_cursor::Entity::insert(cursor.into_active_model()).exec_without_returning(tx).await?;
        Ok(id)
    }

    fn seal(&self, id: Uuid, settings: &Settings) -> Result<Vec<u8>, StoreError> {
        let plain: BTreeMap<_, _> = settings.iter().map(|(key, value)| (key, value.expose())).collect();
        Ok(self.store().keys().seal(&place(self.id(), id), &serde_json::to_vec(&plain)?)?)
    }

    /// Takes the business's own line of this provider away; `false` if there is none.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn remove_line(&self, provider: &str) -> Result<bool, StoreError> {
        let tx = self.store().begin().await?;
        let row = line::Entity::find()
            .filter(line::Column::BusinessId.eq(self.id()))
            .filter(line::Column::Provider.eq(provider))
            .filter(line::Column::Origin.eq(Origin::Config.as_str()))
            .filter(line::Column::RemovedAt.is_null())
            .one(&tx)
            .await?;
        let Some(row) = row else { return Ok(false) };
        remove(&tx, row, self.store().clock().now()).await?;
        tx.commit().await?;
        Ok(true)
    }
}

async fn remove(tx: &impl ConnectionTrait, row: line::Model, now: DateTime<Utc>) -> Result<(), StoreError> {
    let mut row = row.into_active_model();
    row.removed_at = Set(Some(now));
    row.updated_at = Set(now);
    row.update(tx).await?;
    Ok(())
}

const fn place(business: Uuid, line: Uuid) -> Place {
    Place { table: "line", column: "credentials", tenant: business, row: line }
}
