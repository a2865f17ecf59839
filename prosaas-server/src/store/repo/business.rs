use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
};
use serde::Serialize;

use crate::{
    domain::BusinessId,
    store::{Store, StoreError, TenantStore, entity::business},
};

/// Settings of a business.
#[derive(Clone, Debug, Serialize)]
pub struct BusinessSettings {
    /// Its id.
    pub id: BusinessId,
    /// What people call it.
    pub name: String,
    /// Its domain.
    pub domain: Option<String>,
    /// The provider it chose; `None` = never chose.
    #[serde(skip)]
    pub chosen_provider: Option<String>,
    /// Whether anything is sent.
    pub whatsapp_enabled: bool,
    /// Whether it may be used at all.
    #[serde(skip)]
    pub active: bool,
}

impl From<business::Model> for BusinessSettings {
    fn from(row: business::Model) -> Self {
        Self {
            id: BusinessId(row.id),
            name: row.name,
            domain: row.domain,
            chosen_provider: row.whatsapp_provider,
            whatsapp_enabled: row.whatsapp_enabled,
            active: row.active,
        }
    }
}

/// What becomes of the provider that a business chose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ProviderChange {
    /// Stays as it is.
    #[default]
    Keep,
    /// Back to the installation's default.
    Default,
    /// To this one.
    To(String),
}

/// What to change; `None` leaves a field as it is.
#[derive(Clone, Debug, Default)]
pub struct SettingsChange {
    /// What people call it.
    pub name: Option<String>,
    /// The provider.
    pub provider: ProviderChange,
    /// Whether anything is sent.
    pub whatsapp_enabled: Option<bool>,
}

impl TenantStore<'_> {
    /// The business's settings; `None` if it is gone.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn settings(&self) -> Result<Option<BusinessSettings>, StoreError> {
        Ok(business::Entity::find_by_id(self.id()).one(self.reader()).await?.map(Into::into))
    }

    /// Changes what is given and nothing else.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn change_settings(&self, change: SettingsChange) -> Result<Option<BusinessSettings>, StoreError> {
        let tx = self.store().begin().await?;
        let Some(row) = business::Entity::find_by_id(self.id()).one(&tx).await? else { return Ok(None) };
        let mut row = row.into_active_model();
        if let Some(name) = change.name {
            row.name = Set(name);
        }
        match change.provider {
            ProviderChange::Keep => {}
            ProviderChange::Default => row.whatsapp_provider = Set(None),
            ProviderChange::To(provider) => row.whatsapp_provider = Set(Some(provider)),
        }
        if let Some(enabled) = change.whatsapp_enabled {
            row.whatsapp_enabled = Set(enabled);
        }
        let row = if row.is_changed() { row.update(&tx).await? } else { return self.settings().await };
        tx.commit().await?;
        Ok(Some(row.into()))
    }
}

impl Store {
    /// Makes a business; `None` if the domain is taken.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn create_business(&self, name: &str, domain: Option<&str>) -> Result<Option<BusinessId>, StoreError> {
        let tx = self.begin().await?;
        if let Some(domain) = domain {
            let taken = business::Entity::find().filter(business::Column::Domain.eq(domain)).one(&tx).await?;
            if taken.is_some() {
                return Ok(None);
            }
        }
        let row = business::Model {
            id: self.clock().id(),
            name: name.to_owned(),
            domain: domain.map(str::to_owned),
            active: true,
            whatsapp_provider: None,
            whatsapp_enabled: true,
            event_seq: 0,
            created_at: self.clock().now(),
        };
        let id = BusinessId(row.id);
        business::Entity::insert(row.into_active_model()).exec_without_returning(&tx).await?;
        tx.commit().await?;
        Ok(Some(id))
    }

    /// The business that `DEFAULT_BUSINESS` names by id or domain; without it the only one there is.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn default_business(&self, named: Option<&str>) -> Result<Option<BusinessId>, StoreError> {
        let query = business::Entity::find();
        let found = match named {
            Some(named) => match named.parse::<BusinessId>() {
                Ok(id) => query.filter(business::Column::Id.eq(id.0)).all(self.reader()).await?,
                Err(_) => query.filter(business::Column::Domain.eq(named)).all(self.reader()).await?,
            },
            None => query.limit(2).all(self.reader()).await?,
        };
        Ok(match found.as_slice() {
            [only] => Some(BusinessId(only.id)),
            _ => None,
        })
    }
}
