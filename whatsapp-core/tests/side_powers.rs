//! What side powers answer where a provider says nothing.
use async_trait::async_trait;
use whatsapp_core::{ErrorKind, MessageId, PhoneNumber, Presence, ProbeCheck, ProbeReport, Recipient, Result, Retry};

/// Marks as read and no more.
#[derive(Debug)]
struct Reader;

#[async_trait]
impl Presence for Reader {
    async fn mark_read(&self, _: &Recipient, _: &MessageId) -> Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn typing_is_unsupported_unless_a_provider_says_otherwise() {
    let dana: PhoneNumber = "+972541112233".parse().unwrap();
    let presence: &dyn Presence = &Reader;
    let error = presence.typing(&dana.into(), &"wamid.IN1==".into()).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Unsupported, Retry::Never));
}

#[test]
fn what_was_not_checked_fails_nothing() {
    let report = ProbeReport::default().with_check("token", true, "valid").with_unchecked("webhook", "no account");
    assert!(report.passed());
    assert!(!report.clone().with_check("number", false, "gone").passed());
    let json = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<ProbeReport>(&json).unwrap(), report);
    let older: ProbeCheck = serde_json::from_str(r#"{"name":"token","passed":false,"detail":"expired"}"#).unwrap();
    assert!(older.checked && !older.passed, "reports from before told of checks only");
}
