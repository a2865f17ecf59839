use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, SqlErr, UpdateMany,
    sea_query::{Expr, ExprTrait},
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
    /// All lines in use, opened; one that does not open must not stop the others.
    pub(crate) async fn lines(&self) -> Result<Vec<(LineRef, Result<LineRow, StoreError>)>, StoreError> {
        let rows = line::Entity::find().filter(line::Column::RemovedAt.is_null());
        let rows = rows.order_by_asc(line::Column::CreatedAt).all(self.reader()).await?;
        Ok(rows.into_iter().map(|row| (LineRef(row.id), self.open_line(row))).collect())
    }

    /// Changes whenever a line does, whatever the clocks say.
    pub(crate) async fn lines_version(&self) -> Result<i64, StoreError> {
        let sum = Expr::col(line::Column::Revision).sum().cast_as("BIGINT");
        let sum = line::Entity::find().select_only().column_as(sum, "sum").into_tuple::<Option<i64>>();
        Ok(sum.one(self.reader()).await?.flatten().unwrap_or_default())
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
        match self.try_set_line(provider, external_id, settings, origin).await {
            // Another node made the same line meanwhile; now it is there to be found.
            Err(StoreError::Database(error))
                if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) =>
            {
                self.try_set_line(provider, external_id, settings, origin).await
            }
            done => done,
        }
    }

    async fn try_set_line(
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
                    changed(now)
                        .col_expr(line::Column::Credentials, Expr::value(self.seal(id, settings)?))
                        .col_expr(line::Column::Origin, Expr::value(origin.as_str()))
                        .col_expr(line::Column::RemovedAt, Expr::value(None::<DateTime<Utc>>))
                        .filter(line::Column::Id.eq(id))
                        .exec(&tx)
                        .await?;
                    self.wake_suspended(&tx, id).await?;
                    id
                } else {
                    changed(now)
                        .col_expr(line::Column::ExternalId, Expr::value(format!("{external_id}#{id}")))
                        .filter(line::Column::Id.eq(id))
                        .exec(&tx)
                        .await?;
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
            revision: 1,
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

/// A change of lines. The revision is counted by the database: two changes at once are two.
fn changed(now: DateTime<Utc>) -> UpdateMany<line::Entity> {
    line::Entity::update_many()
        .col_expr(line::Column::Revision, Expr::col(line::Column::Revision).add(1))
        .col_expr(line::Column::UpdatedAt, Expr::value(now))
}

async fn remove(tx: &impl ConnectionTrait, row: line::Model, now: DateTime<Utc>) -> Result<(), StoreError> {
    let gone = changed(now).col_expr(line::Column::RemovedAt, Expr::value(Some(now)));
    gone.filter(line::Column::Id.eq(row.id)).exec(tx).await?;
    Ok(())
}

const fn place(business: Uuid, line: Uuid) -> Place {
    Place { table: "line", column: "credentials", tenant: business, row: line }
}

/// Takes the next `count` numbers of a line; the first of them. The line's row stays locked until the transaction ends, so
/// numbers are in commit order, whatever the clocks say.
pub(crate) async fn take_numbers(tx: &impl ConnectionTrait, line: Uuid, count: usize) -> Result<i64, StoreError> {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let taken = line_cursor::Entity::update_many()
        .col_expr(line_cursor::Column::NextSeq, Expr::col(line_cursor::Column::NextSeq).add(count))
        .filter(line_cursor::Column::LineId.eq(line))
        .exec_with_returning(tx)
        .await?;
    let end = taken.first().ok_or_else(|| DbErr::RecordNotFound("line cursor".to_owned()))?.next_seq;
    Ok(end - count)
}
