use sea_orm::DatabaseConnection;
use uuid::Uuid;

use super::Store;
use crate::domain::BusinessId;

/// The database as one business sees it: every query of a handler starts here and is scoped by it.
#[derive(Clone, Copy, Debug)]
pub struct TenantStore<'s> {
    store: &'s Store,
    business: BusinessId,
}

impl<'s> TenantStore<'s> {
    pub(super) const fn new(store: &'s Store, business: BusinessId) -> Self {
        Self { store, business }
    }

    /// Whose it is.
    #[must_use]
    pub const fn business(&self) -> BusinessId {
        self.business
    }

    pub(crate) const fn id(&self) -> Uuid {
        self.business.0
    }

    pub(crate) const fn store(&self) -> &'s Store {
        self.store
    }

    pub(crate) fn reader(&self) -> &'s DatabaseConnection {
        self.store.reader()
    }
}
