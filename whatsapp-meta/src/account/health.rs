//! Whether messages can leave, and what stands in their way. Source: Meta, messaging health status.
use serde::{Deserialize, Serialize};
use whatsapp_core::Result;

use crate::{Meta, read};

read::words! {
    /// Whether something in the chain lets messages pass.
    CanSend {
        /// It does.
        Available = "AVAILABLE",
        /// It does, within limits.
        Limited = "LIMITED",
        /// It does not.
        Blocked = "BLOCKED",
    }
}

/// The whole chain from the number to the app; the worst of it counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Health {
    /// What counts.
    #[serde(deserialize_with = "read::lenient")]
    pub can_send_message: Option<CanSend>,
    /// Number, template, account, business and app.
    #[serde(deserialize_with = "read::items")]
    pub entities: Vec<HealthEntity>,
}

/// One link of the chain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct HealthEntity {
    /// `PHONE_NUMBER`, `MESSAGE_TEMPLATE`, `WABA`, `BUSINESS` or `APP`.
    #[serde(deserialize_with = "read::text")]
    pub entity_type: Option<String>,
    /// Its id.
    #[serde(deserialize_with = "read::text")]
    pub id: Option<String>,
    /// Whether it lets messages pass.
    #[serde(deserialize_with = "read::lenient")]
    pub can_send_message: Option<CanSend>,
    /// What Meta says to a limit, for people.
    #[serde(deserialize_with = "read::texts")]
    pub additional_info: Vec<String>,
    /// What stands in the way.
    #[serde(deserialize_with = "read::items")]
    pub errors: Vec<HealthProblem>,
}

/// What stands in the way of messages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct HealthProblem {
    /// Meta's code.
    #[serde(rename = "error_code", deserialize_with = "read::number")]
    pub code: Option<i64>,
    /// What is wrong, for people.
    #[serde(rename = "error_description", deserialize_with = "read::text")]
    pub description: Option<String>,
    /// What to do, for people.
    #[serde(rename = "possible_solution", deserialize_with = "read::text")]
    pub solution: Option<String>,
}

impl Health {
    /// What is not as it should be, in Meta's words, one sentence each.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let of_entity = |entity: &HealthEntity| {
            let kind = entity.entity_type.as_deref().unwrap_or("unnamed").to_owned();
            let errors = entity.errors.iter().map(|problem| {
                let told = [&problem.description, &problem.solution].into_iter().flatten();
                told.map(String::as_str).collect::<Vec<_>>().join(" ")
            });
            let words: Vec<_> = errors.chain(entity.additional_info.iter().cloned()).collect();
            let bad = entity.can_send_message.as_ref().filter(|can| **can != CanSend::Available)?;
            Some(format!("{kind} is {bad}: {}", words.join(" ")).trim_end_matches([':', ' ']).to_owned())
        };
        self.entities.iter().filter_map(of_entity).collect()
    }
}

impl Meta {
    /// Whether messages of this number can leave, and what stands in their way. Source: `GET
    /// /{phone_number_id}?fields=health_status`.
    ///
    /// ```no_run
    /// # async fn example(line: whatsapp_meta::Meta) -> whatsapp_core::Result<()> {
    /// for problem in line.health().await?.problems() {
    ///     println!("{problem}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// What Meta's code says.
    pub async fn health(&self) -> Result<Health> {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Answer {
            #[serde(deserialize_with = "read::lenient")]
            health_status: Health,
        }
        let answer: Answer = self.endpoint().get(&self.endpoint().number, &[("fields", "health_status")]).await?;
        Ok(answer.health_status)
    }
}
