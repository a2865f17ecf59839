//! What is known from the providers' own lists: how far they were read, and which messages came from them.
use sea_orm_migration::{
    prelude::*,
    schema::{big_integer_null, boolean, timestamp_with_time_zone, uuid},
};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[expect(elided_lifetimes_in_paths, reason = "as the trait spells it; the macro compares lifetimes")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut key = Index::create();
        key.col("line_id");
        let mut table = Table::create();
        table
            .table("line_sweep")
            .col(uuid("line_id"))
            .col(timestamp_with_time_zone("swept_until"))
            .primary_key(&mut key);
        manager.create_table(table).await?;
        let recovered = boolean("recovered").default(false).take();
        manager.alter_table(Table::alter().table("whatsapp_message").add_column(recovered).take()).await?;
        let tried = big_integer_null("tried_at_ms");
        manager.alter_table(Table::alter().table("outbox").add_column(tried).take()).await?;
        let mut ids = Index::create();
        ids.name("outbox_provider_id").table("outbox").col("line_id").col("provider_message_id");
        manager.create_index(ids).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name("outbox_provider_id").table("outbox").to_owned()).await?;
        manager.alter_table(Table::alter().table("outbox").drop_column("tried_at_ms").take()).await?;
        manager.alter_table(Table::alter().table("whatsapp_message").drop_column("recovered").take()).await?;
        manager.drop_table(Table::drop().table("line_sweep").take()).await
    }
}
