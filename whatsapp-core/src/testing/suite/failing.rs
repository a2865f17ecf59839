//! What goes wrong is told apart: surely not sent, perhaps sent, never to be tried again.
use std::{fmt::Write, sync::Arc, time::Duration};

use super::hello;
use crate::{
    Error, ErrorKind, Provider, Retry, Sender,
    layer::{Layered, RetryPolicy},
    testing::{Fault, Harness},
};

async fn fail<H: Harness>(fault: Fault) -> (H, Arc<dyn Provider>, Error) {
    let harness = H::start().await;
    let provider = harness.build(&harness.settings()).unwrap();
    harness.script(fault);
    let error = provider.send(&hello()).await.expect_err("the fake was told to fail");
    assert_eq!(error.provider(), &provider.id());
    (harness, provider, error)
}

pub async fn rate_limit_tells_when<H: Harness>() {
    let (_, _, error) = fail::<H>(Fault::RateLimit { retry_after: Some(7) }).await;
    assert_eq!((error.kind(), error.retry()), (ErrorKind::RateLimited, Retry::After(Duration::from_secs(7))));
    let (harness, _, error) = fail::<H>(Fault::RateLimit { retry_after: None }).await;
    assert_eq!((error.kind(), error.retry()), (ErrorKind::RateLimited, Retry::Backoff));
    assert!(harness.accepted().is_empty());
}

pub async fn unauthenticated_is_never_retried<H: Harness>() {
    let (_, _, error) = fail::<H>(Fault::Reject { kind: ErrorKind::Unauthenticated }).await;
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Unauthenticated, Retry::Never));
    assert!(!error.advice().is_empty());
}

pub async fn invalid_recipient_is_never_retried<H: Harness>() {
    let (_, _, error) = fail::<H>(Fault::Reject { kind: ErrorKind::InvalidRecipient }).await;
    assert_eq!((error.kind(), error.retry()), (ErrorKind::InvalidRecipient, Retry::Never));
}

pub async fn window_closed_is_never_retried<H: Harness>() {
    let harness = H::start().await;
    if harness.build(&harness.settings()).unwrap().capabilities().window.is_none() {
        return;
    }
    let (_, _, error) = fail::<H>(Fault::Reject { kind: ErrorKind::WindowClosed }).await;
    assert_eq!((error.kind(), error.retry()), (ErrorKind::WindowClosed, Retry::Never));
}

pub async fn server_error_is_ambiguous<H: Harness>() {
    let (harness, _, error) = fail::<H>(Fault::ErrorAfterAccept).await;
    assert_eq!((error.retry(), harness.accepted().len()), (Retry::Ambiguous, 1));
    let (harness, _, error) = fail::<H>(Fault::ErrorBeforeAccept).await;
    assert_eq!((error.retry(), harness.accepted().len()), (Retry::Ambiguous, 0));
}

pub async fn hang_is_ambiguous<H: Harness>() {
    let (harness, _, error) = fail::<H>(Fault::HangAfterAccept).await;
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Unavailable, Retry::Ambiguous));
    assert_eq!(harness.accepted().len(), 1);
}

pub async fn cut_connection_is_ambiguous<H: Harness>() {
    for fault in [Fault::DropBeforeAccept, Fault::DropAfterAccept] {
        let (_, _, error) = fail::<H>(fault).await;
        assert_eq!((error.kind(), error.retry()), (ErrorKind::Unavailable, Retry::Ambiguous));
    }
}

pub async fn garbage_is_ambiguous<H: Harness>() {
    let (_, _, error) = fail::<H>(Fault::Garbage).await;
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Protocol, Retry::Ambiguous));
}

pub async fn huge_answer_is_bounded<H: Harness>() {
    let (_, _, error) = fail::<H>(Fault::HugeAnswer).await;
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Protocol, Retry::Ambiguous));
}

pub async fn redirect_is_not_followed<H: Harness>() {
    let (harness, _, error) = fail::<H>(Fault::Redirect).await;
    assert_eq!(error.kind(), ErrorKind::Protocol);
    assert_eq!((harness.requests(), harness.accepted().len()), (1, 0));
}

pub async fn refused_connection_is_surely_not_sent<H: Harness>() {
    let harness = H::start().await;
    let provider = harness.build(&harness.settings_unreachable()).unwrap();
    let error = provider.send(&hello()).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Unavailable, Retry::Backoff));
}

pub async fn errors_hold_no_secret<H: Harness>() {
    let harness = H::start().await;
    let faults = [
        Fault::Reject { kind: ErrorKind::Unauthenticated },
        Fault::ErrorBeforeAccept,
        Fault::DropBeforeAccept,
        Fault::Garbage,
        Fault::Redirect,
    ];
    let mut errors = Vec::new();
    for fault in faults {
        harness.script(fault);
        errors.push(harness.build(&harness.settings()).unwrap().send(&hello()).await.unwrap_err());
    }
    errors.push(harness.build(&harness.settings_unreachable()).unwrap().send(&hello()).await.unwrap_err());
    for error in errors {
        let mut text = format!("{error} {error:?}");
        let mut source = std::error::Error::source(&error);
        while let Some(cause) = source {
            write!(text, " {cause} {cause:?}").unwrap();
            source = cause.source();
        }
        for secret in harness.secrets() {
            assert!(!text.contains(&secret), "{text}");
        }
    }
}

pub async fn retrying_repeats_only_what_was_surely_not_sent<H: Harness>() {
    let policy = RetryPolicy::default().with_pauses(Duration::from_millis(1), Duration::from_millis(5));
    let harness = H::start().await;
    let sender = harness.build(&harness.settings()).unwrap().retrying(policy);
    harness.script(Fault::RateLimit { retry_after: None });
    sender.send(&hello()).await.unwrap();
    assert_eq!((harness.requests(), harness.accepted().len()), (2, 1));

    let harness = H::start().await;
    let sender = harness.build(&harness.settings()).unwrap().retrying(policy);
    harness.script(Fault::ErrorAfterAccept);
    assert_eq!(sender.send(&hello()).await.unwrap_err().retry(), Retry::Ambiguous);
    assert_eq!((harness.requests(), harness.accepted().len()), (1, 1));
}

pub async fn retrying_honours_the_wait<H: Harness>() {
    let harness = H::start().await;
    let policy = RetryPolicy::default().with_pauses(Duration::from_millis(1), Duration::from_secs(2));
    let sender = harness.build(&harness.settings()).unwrap().retrying(policy);
    harness.script(Fault::RateLimit { retry_after: Some(1) });
    let begun = tokio::time::Instant::now();
    sender.send(&hello()).await.unwrap();
    assert!(begun.elapsed() >= Duration::from_secs(1), "{:?}", begun.elapsed());
    assert_eq!((harness.requests(), harness.accepted().len()), (2, 1));
}

pub async fn a_dropped_send_hurts_no_other<H: Harness>() {
    let harness = H::start().await;
    let provider = harness.build(&harness.settings()).unwrap();
    harness.script(Fault::HangBeforeAccept);
    let dropped = tokio::time::timeout(Duration::from_millis(100), provider.send(&hello())).await;
    assert!(dropped.is_err() || dropped.unwrap().is_err(), "the fake was told to hang");
    provider.send(&hello()).await.unwrap();
    assert_eq!(harness.accepted().len(), 1);
}

pub async fn retrying_stops_at_the_limit<H: Harness>() {
    let harness = H::start().await;
    let policy = RetryPolicy::default().with_pauses(Duration::from_millis(1), Duration::from_secs(2));
    let sender = harness.build(&harness.settings()).unwrap().retrying(policy.with_attempts(2));
    for _ in 0..3 {
        harness.script(Fault::RateLimit { retry_after: None });
    }
    assert_eq!(sender.send(&hello()).await.unwrap_err().kind(), ErrorKind::RateLimited);
    assert_eq!(harness.requests(), 2);

    let harness = H::start().await;
    let sender = harness.build(&harness.settings()).unwrap().retrying(policy);
    harness.script(Fault::RateLimit { retry_after: Some(60) });
    assert_eq!(sender.send(&hello()).await.unwrap_err().retry(), Retry::After(Duration::from_secs(60)));
    assert_eq!(harness.requests(), 1, "a minute is longer than the policy waits");
}
