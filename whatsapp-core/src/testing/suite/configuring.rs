//! A line that cannot work is not built, and says why.
use std::process::Command;

use crate::{ErrorKind, Settings, testing::Harness};

/// Set in the process that reads the environment.
const CHILD: &str = "WHATSAPP_CONFORMANCE_CHILD";

/// Every alias of every variable, each in a process of its own: a process's environment cannot be changed safely.
pub async fn reads_the_environment<H: Harness>() {
    let harness = H::start().await;
    if variable(CHILD) {
        H::build_from_environment().unwrap();
        return;
    }
    for variables in harness.environments() {
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.env_clear().args(["--exact", "conformance::configuring::reads_the_environment"]).env(CHILD, "1");
        let told = child.envs(variables.iter().map(|(name, value)| (*name, value))).output().unwrap();
        let names: Vec<_> = variables.iter().map(|(name, _)| *name).collect();
        let text = String::from_utf8_lossy(&told.stdout).into_owned();
        assert!(told.status.success() && text.contains("1 passed"), "{names:?}: {text}");
    }
}

fn variable(name: &str) -> bool {
    std::env::var_os(name).is_some()
}

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
