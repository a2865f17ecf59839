//! What is wrong, forged, too large, or comes at a bad time.
mod forged;
mod limits;
mod outage;
mod unreadable;

use sea_orm::{ConnectionTrait, Statement};
use whatsapp_core::{
    Secret,
    testing::{Inbound, Key, SignedRequest},
};

use crate::support::{Business, Town};

/// How many rows of each kind a webhook has left behind: bodies, those unparsed, orphans, messages, keys of events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Kept {
    bodies: i64,
    unparsed: i64,
    orphans: i64,
    messages: i64,
    seen: i64,
}

impl Kept {
    async fn of(town: &Town) -> Self {
        let connection = town.database.connect().await;
        let count = async |what: &str| {
            let sql = format!("SELECT COUNT(*) FROM {what}");
            let row = connection.query_one_raw(Statement::from_string(connection.get_database_backend(), sql)).await;
            row.unwrap().unwrap().try_get_by_index::<i64>(0).unwrap()
        };
        Self {
            bodies: count("raw_event").await,
            unparsed: count("raw_event WHERE outcome = 'unparsed'").await,
            orphans: count("orphan").await,
            messages: count("whatsapp_message").await,
            seen: count("seen_key").await,
        }
    }
}

/// A signed text of a contact to this business.
fn text(town: &Town, business: &Business, id: &str) -> SignedRequest {
    let items = [Inbound::text(id, "972570000001", &format!("הודעה {id} 🙂"))];
    town.fake(business).webhooks(&business.line.line, &items, Key::Current).remove(0)
}

fn token(business: &Business) -> Secret {
    business.line.settings.get("auth_token").unwrap().clone()
}
