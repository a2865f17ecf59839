//! One file per aggregate. Methods of [`TenantStore`](super::TenantStore) are scoped by type; functions that take a
//! transaction belong to the engine, which works for all businesses.
pub(crate) mod business;
pub(crate) mod contact;
pub(crate) mod conversation;
pub(crate) mod event_log;
pub(crate) mod key;
pub(crate) mod line;
pub(crate) mod message;
pub(crate) mod outbox;
pub(crate) mod statement;
pub(crate) mod sweep;

pub use self::{
    business::{BusinessSettings, ProviderChange, SettingsChange},
    contact::ContactView,
    conversation::ConversationView,
    event_log::EventView,
    key::NewKey,
    line::LineRow,
    message::{MessageView, Page, PageRequest},
};

/// Inserts any number of rows in as few statements as the databases allow.
macro_rules! insert_rows {
    ($entity:path, $rows:expr, $db:expr) => {{
        use sea_orm::{EntityTrait, IntoActiveModel};
        for chunk in $crate::store::repo::statement::parts(&$rows, sea_orm::ConnectionTrait::get_database_backend($db))
        {
            let models = chunk.iter().cloned().map(IntoActiveModel::into_active_model);
            <$entity>::insert_many(models).exec_without_returning($db).await?;
        }
    }};
}
pub(crate) use insert_rows;
