//! What happens to a business as a whole: how much it may send, how it stands with Meta. Source: Meta, Webhooks
//! reference, `business_capability_update`.
use super::{lenient::details, limit::MessagingLimit};

details! {
    /// A business may do more or less than before.
    BusinessCapability {
        /// People to whom it may write first within 24 hours, over all its numbers; Graph API version 24 and later.
        #[serde(rename = "max_daily_conversations_per_business")]
        people_per_business: Option<MessagingLimit>,
        /// The same for one number; Graph API version 23 and before.
        #[serde(rename = "max_daily_conversation_per_phone")]
        people_per_number: Option<MessagingLimit>,
        /// Numbers in the whole business portfolio.
        #[serde(rename = "max_phone_numbers_per_business")]
        numbers_per_business: Option<i64>,
        /// Numbers in one WhatsApp Business Account.
        #[serde(rename = "max_phone_numbers_per_waba")]
        numbers_per_account: Option<i64>,
    }
    /// A business stands otherwise with Meta. The field can be subscribed, but its shape is not documented: these are
    /// the keys of the fields beside it, and the rest stands in the envelope's `raw`.
    BusinessStatus {
        /// The business portfolio.
        business_id: Option<String>,
        /// What happened.
        event: Option<String>,
        /// How it stands now.
        status: Option<String>,
    }
}
