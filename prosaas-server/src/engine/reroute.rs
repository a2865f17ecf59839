use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};

use super::{OutboxState, send::Sending, settle};
use crate::{
    domain::{BusinessId, LineRef},
    store::{
        StoreError,
        entity::{outbox, whatsapp_message},
        repo::line::take_numbers,
    },
};

/// A message that surely was not sent, and whose line is gone, goes by the business's current line; `true` if it moved.
pub(super) async fn reroute(sending: &Sending, row: &outbox::Model) -> Result<bool, StoreError> {
    // The line may be newer than this node's book.
    sending.book.refresh().await?;
    if sending.book.knows(LineRef(row.line_id)) {
        return Ok(false);
    }
    let business = BusinessId(row.business_id);
    let settings = sending.store.tenant(business).settings().await?;
    let provider = settings.and_then(|settings| settings.chosen_provider);
    let provider = provider.unwrap_or_else(|| sending.default_provider.clone());
    let Some(line) = sending.book.of_business(business, &provider) else {
        let Some(from) = OutboxState::open_from(&row.state) else { return Ok(false) };
        settle::give_up(&sending.store, row, from, OutboxState::Failed, "line_removed").await?;
        return Ok(true);
    };
    let tx = sending.store.begin().await?;
    let seq = take_numbers(&tx, line.id.0, 1).await?;
    let moved = outbox::Entity::update_many()
        .col_expr(outbox::Column::Seq, Expr::value(seq))
        .col_expr(outbox::Column::LineId, Expr::value(line.id.0))
        .col_expr(outbox::Column::State, Expr::value(OutboxState::Queued.as_str()))
        .filter(outbox::Column::Id.eq(row.id))
        .filter(outbox::Column::State.eq(row.state.as_str()))
        .exec(&tx)
        .await?;
    if moved.rows_affected == 0 {
        return Ok(false);
    }
    whatsapp_message::Entity::update_many()
        .col_expr(whatsapp_message::Column::LineId, Expr::value(Some(line.id.0)))
        .col_expr(whatsapp_message::Column::Provider, Expr::value(line.provider.id().to_string()))
        .filter(whatsapp_message::Column::Id.eq(row.message_id))
        .exec(&tx)
        .await?;
    tx.commit().await?;
    Ok(true)
}
