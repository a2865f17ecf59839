//! A line that cannot work is not built, and says why.
use crate::{ErrorKind, Settings, testing::Harness};

pub async fn required_keys_are_named<H: Harness>() {
    let harness = H::start().await;
    for key in harness.required_keys() {
        for value in [None, Some("")] {
            let mut pairs: Vec<_> = harness.settings().iter().map(|(k, v)| (k.to_owned(), v.clone())).collect();
            pairs.retain(|(known, _)| known != key);
            let mut settings = Settings::from_iter(pairs);
            if let Some(value) = value {
                settings.set(*key, value);
            }
            let error = harness.build(&settings).expect_err(key);
            assert_eq!(error.kind(), ErrorKind::Config);
            assert!(error.to_string().contains(key), "{error} names {key}");
        }
    }
}

pub async fn unknown_key_is_named<H: Harness>() {
    let harness = H::start().await;
    let mut settings = harness.settings();
    settings.set("acess_token", "typo");
    let error = harness.build(&settings).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("acess_token") && !error.to_string().contains("typo"), "{error}");
}

pub async fn debug_holds_no_secret<H: Harness>() {
    let harness = H::start().await;
    let provider = harness.build(&harness.settings()).unwrap();
    let text = format!("{provider:?} {:?}", harness.settings());
    for secret in harness.secrets() {
        assert!(!secret.is_empty() && !text.contains(&secret), "{text}");
    }
}
