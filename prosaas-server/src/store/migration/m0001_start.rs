//! Every table of the first version.
use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer, blob, boolean, integer, json_binary, text, text_null, timestamp_with_time_zone,
        timestamp_with_time_zone_null, uuid, uuid_null,
    },
};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[expect(elided_lifetimes_in_paths, reason = "as the trait spells it; the macro compares lifetimes")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in tables() {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in TABLES.iter().rev() {
            manager.drop_table(Table::drop().table(*name).to_owned()).await?;
        }
        Ok(())
    }
}

const TABLES: [&str; 20] = [
    "business",
    "line",
    "user",
    "api_key",
    "customer",
    "customer_alias",
    "conversation",
    "whatsapp_message",
    "lead",
    "call_log",
    "raw_event",
    "orphan",
    "seen_key",
    "line_cursor",
    "job",
    "outbox",
    "idempotency",
    "event_log",
    "node",
    "line_lease",
];

fn tables() -> Vec<TableCreateStatement> {
    [tables_of_people(), tables_of_talk(), tables_of_ingest(), tables_of_delivery()].concat()
}

fn table(name: &'static str, columns: &mut [ColumnDef], key: &[&'static str]) -> TableCreateStatement {
    let mut table = Table::create();
    table.table(name);
    for column in columns {
        table.col(column);
    }
    let mut primary = Index::create();
    for column in key {
        primary.col(*column);
    }
    table.primary_key(&mut primary);
    table
}

fn tables_of_people() -> Vec<TableCreateStatement> {
    vec![
        table(
            "business",
            &mut [
                uuid("id"),
                text("name"),
                text_null("domain"),
                boolean("active"),
                text_null("whatsapp_provider"),
                boolean("whatsapp_enabled"),
                big_integer("event_seq"),
                timestamp_with_time_zone("created_at"),
            ],
            &["id"],
        ),
        table(
            "line",
            &mut [
                uuid("id"),
                uuid("business_id"),
                text("provider"),
                text("external_id"),
                text("hook_id"),
                blob("credentials"),
                text("origin"),
                timestamp_with_time_zone_null("linked_at"),
                timestamp_with_time_zone_null("removed_at"),
                big_integer("revision"),
                timestamp_with_time_zone("created_at"),
                timestamp_with_time_zone("updated_at"),
            ],
            &["id"],
        ),
        table(
            "user",
            &mut [
                uuid("id"),
                uuid_null("business_id"),
                text("email"),
                text("name"),
                text("role"),
                text_null("password_hash"),
                boolean("active"),
                timestamp_with_time_zone("created_at"),
            ],
            &["id"],
        ),
        table(
            "api_key",
            &mut [
                uuid("id"),
                uuid("business_id"),
                text("name"),
                blob("hash"),
                text("scopes"),
                timestamp_with_time_zone("created_at"),
                timestamp_with_time_zone_null("revoked_at"),
            ],
            &["id"],
        ),
        table(
            "customer",
            &mut [
                uuid("id"),
                uuid("business_id"),
                text_null("name"),
                text_null("phone"),
                text_null("email"),
                text("status"),
                timestamp_with_time_zone("created_at"),
                timestamp_with_time_zone("updated_at"),
            ],
            &["id"],
        ),
        table(
            "customer_alias",
            &mut [
                uuid("id"),
                uuid("business_id"),
                uuid("customer_id"),
                text("kind"),
                text("value"),
                timestamp_with_time_zone("created_at"),
            ],
            &["id"],
        ),
    ]
}

fn tables_of_talk() -> Vec<TableCreateStatement> {
    vec![
        table(
            "conversation",
            &mut [
                uuid("id"),
                uuid("business_id"),
                uuid("customer_id"),
                text("status"),
                text_null("last_text"),
                timestamp_with_time_zone("last_message_at"),
                timestamp_with_time_zone_null("last_inbound_at"),
                integer("unread_count"),
                timestamp_with_time_zone("created_at"),
            ],
            &["id"],
        ),
        table(
            "whatsapp_message",
            &mut [
                uuid("id"),
                uuid("business_id"),
                uuid("conversation_id"),
                uuid("customer_id"),
                uuid_null("line_id"),
                text("direction"),
                text("provider"),
                text_null("provider_message_id"),
                text_null("phone_number"),
                text("kind"),
                text_null("body"),
                text_null("media_url"),
                text_null("media_type"),
                json_binary("content"),
                text_null("reply_to"),
                text("status"),
                text_null("reason"),
                text_null("error_kind"),
                text_null("error_code"),
                text_null("error_message"),
                text_null("error_advice"),
                timestamp_with_time_zone("timestamp"),
                timestamp_with_time_zone("created_at"),
                timestamp_with_time_zone_null("sent_at"),
                timestamp_with_time_zone_null("delivered_at"),
                timestamp_with_time_zone_null("read_at"),
                timestamp_with_time_zone_null("played_at"),
                timestamp_with_time_zone_null("failed_at"),
            ],
            &["id"],
        ),
        table(
            "lead",
            &mut [
                uuid("id"),
                uuid("business_id"),
                uuid("customer_id"),
                text("source"),
                text("status"),
                timestamp_with_time_zone("created_at"),
            ],
            &["id"],
        ),
        table(
            "call_log",
            &mut [
                uuid("id"),
                uuid("business_id"),
                uuid_null("customer_id"),
                text("call_sid"),
                text("from_number"),
                text("to_number"),
                text("direction"),
                text("status"),
                text_null("recording_url"),
                text_null("transcription"),
                timestamp_with_time_zone("started_at"),
                timestamp_with_time_zone_null("ended_at"),
            ],
            &["id"],
        ),
    ]
}

fn tables_of_ingest() -> Vec<TableCreateStatement> {
    vec![
        table(
            "raw_event",
            &mut [
                uuid("id"),
                uuid_null("business_id"),
                text("provider"),
                text("outcome"),
                blob("body"),
                timestamp_with_time_zone("received_at"),
            ],
            &["id"],
        ),
        table(
            "orphan",
            &mut [
                uuid("id"),
                uuid("raw_event_id"),
                text("provider"),
                text("external_id"),
                text("event_id"),
                timestamp_with_time_zone("created_at"),
            ],
            &["id"],
        ),
        table("seen_key", &mut [blob("key"), timestamp_with_time_zone("created_at")], &["key"]),
        table("line_cursor", &mut [uuid("line_id"), big_integer("next_seq")], &["line_id"]),
        table(
            "job",
            &mut [
                uuid("id"),
                uuid("business_id"),
                uuid("line_id"),
                text("lane"),
                big_integer("seq"),
                uuid("raw_event_id"),
                json_binary("payload"),
                text("state"),
                integer("claims"),
                integer("failures"),
                big_integer("run_at_ms"),
                text_null("error"),
                timestamp_with_time_zone("created_at"),
            ],
            &["id"],
        ),
    ]
}

fn tables_of_delivery() -> Vec<TableCreateStatement> {
    vec![
        table(
            "outbox",
            &mut [
                uuid("id"),
                uuid("business_id"),
                uuid("line_id"),
                uuid("message_id"),
                text("lane"),
                big_integer("seq"),
                text("state"),
                json_binary("recipient"),
                json_binary("content"),
                text_null("reply_to"),
                integer("attempts"),
                big_integer("fence"),
                big_integer("run_at_ms"),
                big_integer("expires_at_ms"),
                text_null("provider_message_id"),
                timestamp_with_time_zone("created_at"),
            ],
            &["id"],
        ),
        table(
            "idempotency",
            &mut [
                uuid("business_id"),
                text("key"),
                blob("body_hash"),
                uuid("message_id"),
                timestamp_with_time_zone("created_at"),
            ],
            &["business_id", "key"],
        ),
        table(
            "event_log",
            &mut [
                uuid("business_id"),
                big_integer("seq"),
                text("kind"),
                json_binary("data"),
                timestamp_with_time_zone("at"),
            ],
            &["business_id", "seq"],
        ),
        table("node", &mut [uuid("id"), big_integer("until_ms"), timestamp_with_time_zone("started_at")], &["id"]),
        table("line_lease", &mut [uuid("line_id"), uuid_null("node_id"), big_integer("fence")], &["line_id"]),
    ]
}

fn index(name: &'static str, table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = Index::create();
    index.name(name).table(table);
    for column in columns {
        index.col(*column);
    }
    index
}

fn unique(name: &'static str, table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    index(name, table, columns).unique().take()
}

fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        unique("business_domain", "business", &["domain"]),
        unique("line_external", "line", &["provider", "external_id"]),
        unique("line_hook", "line", &["hook_id"]),
        index("line_business", "line", &["business_id"]),
        unique("user_email", "user", &["email"]),
        unique("api_key_hash", "api_key", &["hash"]),
        index("customer_phone", "customer", &["business_id", "phone"]),
        unique("customer_alias_value", "customer_alias", &["business_id", "kind", "value"]),
        index("customer_alias_customer", "customer_alias", &["customer_id"]),
        unique("conversation_customer", "conversation", &["business_id", "customer_id"]),
        index("conversation_latest", "conversation", &["business_id", "last_message_at", "id"]),
        index("message_page", "whatsapp_message", &["business_id", "conversation_id", "timestamp", "id"]),
        index("message_business_page", "whatsapp_message", &["business_id", "timestamp", "id"]),
        // Nulls differ from each other in both databases, so queued messages do not clash.
        unique("message_provider_id", "whatsapp_message", &["line_id", "provider_message_id"]),
        unique("lead_customer", "lead", &["business_id", "customer_id"]),
        unique("call_sid", "call_log", &["call_sid"]),
        index("call_business", "call_log", &["business_id", "started_at"]),
        index("raw_event_received", "raw_event", &["received_at"]),
        unique("orphan_event", "orphan", &["event_id"]),
        index("job_order", "job", &["line_id", "state", "seq"]),
        index("outbox_order", "outbox", &["line_id", "state", "seq"]),
        index("outbox_lane", "outbox", &["line_id", "lane", "seq"]),
        unique("outbox_message", "outbox", &["message_id"]),
    ]
}
