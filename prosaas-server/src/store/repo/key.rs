use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use sha2::{Digest, Sha256};

use crate::{
    clock::random,
    crypto::CryptoError,
    domain::{BusinessId, KeyId, Permission, Principal},
    store::{
        Store, StoreError,
        entity::{api_key, business},
    },
};

/// What every key begins with, so that scanners for leaked secrets know it.
const PREFIX: &str = "psk_";

/// A key as it is shown, once.
#[derive(Clone)]
pub struct NewKey {
    /// Its id.
    pub id: KeyId,
    /// The key itself.
    pub key: String,
}

impl std::fmt::Debug for NewKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewKey").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Store {
    /// Makes a key of a business; `None` if there is no such business.
    ///
    /// # Errors
    /// If the database does not answer or there is no randomness.
    pub async fn create_key(
        &self,
        business: BusinessId,
        name: &str,
        permissions: &[Permission],
    ) -> Result<Option<NewKey>, StoreError> {
        let secret: [u8; 32] = random().map_err(|_| CryptoError::Seal)?;
        let key = format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(secret));
        let tx = self.begin().await?;
        if business::Entity::find_by_id(business.0).one(&tx).await?.is_none() {
            return Ok(None);
        }
        let scopes: Vec<_> = permissions.iter().map(|permission| permission.as_str()).collect();
        let row = api_key::Model {
            id: self.clock().id(),
            business_id: business.0,
            name: name.to_owned(),
            hash: hash(&key),
            scopes: scopes.join(","),
            created_at: self.clock().now(),
            revoked_at: None,
        };
        let id = KeyId(row.id);
        api_key::Entity::insert(row.into_active_model()).exec_without_returning(&tx).await?;
        tx.commit().await?;
        Ok(Some(NewKey { id, key }))
    }

    /// Who the key belongs to, if it is valid and its business is active.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn principal(&self, key: &str) -> Result<Option<Principal>, StoreError> {
        if !key.starts_with(PREFIX) {
            return Ok(None);
        }
        // Looked up by hash: the index compares hashes, so its timing tells nothing about a key.
        let valid = api_key::Entity::find()
            .filter(api_key::Column::Hash.eq(hash(key)))
            .filter(api_key::Column::RevokedAt.is_null());
        let Some(row) = valid.one(self.reader()).await? else { return Ok(None) };
        let owner = business::Entity::find_by_id(row.business_id).one(self.reader()).await?;
        let active = owner.is_some_and(|business| business.active);
        Ok(active.then(|| Principal {
            business: BusinessId(row.business_id),
            key: KeyId(row.id),
            permissions: row.scopes.split(',').filter_map(Permission::from_name).collect(),
        }))
    }
}

fn hash(key: &str) -> Vec<u8> {
    Sha256::digest(key).to_vec()
}
