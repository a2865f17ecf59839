//! Values that work, and values that are refused before anything is sent.
use whatsapp_core::{ErrorKind, Sender, Settings};
use whatsapp_meta::{MetaBuilder, MetaConfigKey, connect};

fn settings(key: MetaConfigKey, value: &str) -> Settings {
    let mut settings = Settings::from_iter([
        ("access_token", "EAAwire"),
        ("phone_number_id", "106500000000001"),
        ("app_secret", "secret"),
    ]);
    settings.set(key.as_str(), value);
    settings
}

#[test]
fn good_values() {
    let good = [
        (MetaConfigKey::ApiVersion, vec!["v25.0", "25.0", "v21.0", " V26.0 ", "v25", ""]),
        (
            MetaConfigKey::BaseUrl,
            vec!["https://graph.facebook.com/", "http://127.0.0.1:9", "https://proxy.example/graph"],
        ),
        (MetaConfigKey::TimeoutSeconds, vec!["30", "0.5", " 1 "]),
        (MetaConfigKey::WabaId, vec!["9106500000000001", ""]),
        (MetaConfigKey::AccessToken, vec!["EAAwire\n"]),
    ];
    for (key, values) in good {
        for value in values {
            assert_eq!(connect(&settings(key, value)).unwrap().line().as_str(), "106500000000001", "{key} {value}");
        }
    }
}

#[test]
fn bad_values() {
    let bad = [
        (MetaConfigKey::ApiVersion, vec!["latest", "v", "25.0/me", "v25.0.1", "v-1.0"]),
        (
            MetaConfigKey::BaseUrl,
            vec!["graph.facebook.com", "ftp://a.example", "https://u:p@a.example", "https://a.example?x", "https://"],
        ),
        (MetaConfigKey::TimeoutSeconds, vec!["0", "-1", "NaN", "inf", "soon", "1e300"]),
        (MetaConfigKey::PhoneNumberId, vec!["+972541112233", "1/messages", "../2", "12a"]),
        (MetaConfigKey::WabaId, vec!["abc"]),
        (MetaConfigKey::AccessToken, vec!["EAA wire", "EAAשלום", "a\nb"]),
    ];
    for (key, values) in bad {
        for value in values {
            let error = connect(&settings(key, value)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config);
            let text = format!("{error:?}");
            assert!(text.contains(key.as_str()) && (value.len() < 4 || !text.contains(value)), "{text}");
        }
    }
}

#[test]
fn the_webhook_needs_its_secret_and_nothing_else() {
    assert!(MetaBuilder::new().with_config(MetaConfigKey::AppSecret, "s").build_webhook().is_ok());
    for builder in [
        MetaBuilder::new(),
        MetaBuilder::new().with_config(MetaConfigKey::AppSecret, " \n"),
        MetaBuilder::new().with_config(MetaConfigKey::PreviousAppSecret, "s"),
        MetaBuilder::new().with_config(MetaConfigKey::VerifyToken, "s"),
    ] {
        let error = builder.build_webhook().unwrap_err();
        assert!(error.to_string().contains("app_secret"), "{error}");
    }
}

#[test]
fn every_key_has_one_name() {
    for key in MetaConfigKey::ALL {
        assert_eq!(key.as_str().parse::<MetaConfigKey>().unwrap(), key);
    }
    assert!("App_Secret".parse::<MetaConfigKey>().unwrap_err().to_string().contains("app_secret"));
}
