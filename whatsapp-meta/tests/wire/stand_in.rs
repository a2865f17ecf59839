//! The operations beside sending, against the fake.
use bytes::Bytes;
use whatsapp_core::testing::Fake;
use whatsapp_core::{ErrorKind, InboundMedia, LineId, Media, MediaKind, Probe, Templates};
use whatsapp_meta::{
    MediaUpload, Meta, MetaBuilder,
    fake::{MetaFake, MetaFakeConfig, MetaFakeLine},
    template::{Category, Component, TemplateDefinition, TemplateQuery, TemplateStatus},
};

async fn two() -> (MetaFake, Meta, Meta) {
    let lines = vec![MetaFakeLine::new("1001"), MetaFakeLine::new("1002")];
    let fake = MetaFake::start(MetaFakeConfig { lines, ..MetaFakeConfig::default() }).await.unwrap();
    let line =
        |id: &str| MetaBuilder::from_settings(&fake.settings(&LineId::from(id)).unwrap()).unwrap().build().unwrap();
    let (first, second) = (line("1001"), line("1002"));
    (fake, first, second)
}

fn by_id(id: &str) -> InboundMedia {
    let mut media = InboundMedia::new(MediaKind::Image);
    media.id = Some(id.to_owned());
    media
}

#[tokio::test]
async fn files_are_kept_told_of_and_deleted() {
    let (fake, line, other) = two().await;
    let file = Bytes::from(vec![7; 3_000_000]);
    let upload = MediaUpload::new(MediaKind::Image, "image/png", file.clone()).with_file_name("חתול.png");
    let id = line.upload_media(&upload).await.unwrap();
    assert_eq!(fake.file(&id), Some(file.clone()));
    let info = line.media_info(&id).await.unwrap();
    assert_eq!((info.file_size, info.mime_type.as_deref()), (Some(3_000_000), Some("image/png")));
    assert_eq!(line.download(&by_id(&id), 3_000_000).await.unwrap(), file);
    assert_eq!(line.download(&by_id(&id), 2_999_999).await.unwrap_err().kind(), ErrorKind::InvalidMessage);
    assert_eq!(other.media_info(&id).await.unwrap_err().kind(), ErrorKind::Config, "another number's file");
    assert_eq!(other.delete_media(&id).await.unwrap_err().kind(), ErrorKind::Config);
    line.delete_media(&id).await.unwrap();
    assert_eq!((fake.file(&id), line.media_info(&id).await.unwrap_err().kind()), (None, ErrorKind::Config));
    let received = fake.keep_file(&"1001".into(), "audio/ogg", "voice").unwrap();
    assert_eq!(&line.download(&by_id(&received), 10).await.unwrap()[..], b"voice");
    assert_eq!(fake.keep_file(&"1003".into(), "audio/ogg", "voice"), None);
    assert_eq!(fake.requests(), 0, "none of these is a send");
}

#[tokio::test]
async fn templates_are_made_listed_changed_and_deleted() {
    let (fake, line, other) = two().await;
    let thanks = |language: &str| {
        TemplateDefinition::new("thanks", language, Category::Utility)
            .with_component(Component::body("תודה {{1}}, קיבלנו.").with_examples(["דנה"]))
    };
    let made = line.create_template(&thanks("he")).await.unwrap();
    assert_eq!(made.status, Some(TemplateStatus::Pending));
    let error = line.create_template(&thanks("he")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TemplateRejected, "exists already: {error}");
    fake.approve_template(&"1001".into(), &thanks("en_US")).unwrap();
    let approved = line.list().await.unwrap();
    assert_eq!(
        (approved.len(), &*approved[0].language, approved[0].text.as_deref()),
        (1, "en_US", Some("תודה {{1}}, קיבלנו."))
    );
    assert!(other.list_templates(&TemplateQuery::default()).await.unwrap().is_empty());
    let id = made.id.unwrap();
    let mut changed = line.template(&id).await.unwrap().definition;
    changed.components.push(Component::footer("הסטודיו"));
    line.edit_template(&id, &changed).await.unwrap();
    assert_eq!(line.template(&id).await.unwrap().definition, changed);
    line.delete_template_language("thanks", &id).await.unwrap();
    assert_eq!(line.list_templates(&TemplateQuery::of_name("thanks")).await.unwrap().len(), 1);
    line.delete_template("thanks").await.unwrap();
    assert!(line.delete_template("thanks").await.is_err() && line.template(&id).await.is_err());
    for at in 0..230 {
        let name = format!("many_{at}");
        let one = TemplateDefinition::new(name, "he", Category::Utility).with_component(Component::body("שלום"));
        fake.approve_template(&"1001".into(), &one).unwrap();
    }
    assert_eq!(line.list().await.unwrap().len(), 230, "three pages");
}

#[tokio::test]
async fn the_probe_sees_subscriptions_come_and_go() {
    let (_fake, line, _) = two().await;
    let report = line.probe().await.unwrap();
    assert!(report.passed() && report.checks.iter().all(|check| check.checked), "{report:?}");
    line.unsubscribe_app().await.unwrap();
    let report = line.probe().await.unwrap();
    let failed: Vec<_> = report.checks.iter().filter(|check| !check.passed).map(|check| &*check.name).collect();
    assert_eq!(failed, ["webhook"]);
    line.subscribe_app_to("https://shop.example/hook", &"verify".into()).await.unwrap();
    assert!(line.probe().await.unwrap().passed());
    assert_eq!(line.subscribed_apps().await.unwrap().len(), 1);
}

#[tokio::test]
async fn accounts_and_tokens_are_told_of() {
    let (_fake, line, _) = two().await;
    assert_eq!(line.account_numbers().await.unwrap()[0].id.as_deref(), Some("1001"));
    assert_eq!(line.account_info(&[]).await.unwrap().currency.as_deref(), Some("ILS"));
    assert!(line.number_info(&[]).await.unwrap().status.is_some());
    let token = line.token_info(None).await.unwrap();
    assert!(token.grants("whatsapp_business_messaging", line.waba_id()));
    let app = token.app_id.unwrap();
    assert_eq!(line.token_info(Some(&app)).await.unwrap().is_valid, Some(true));
    assert_eq!(line.token_info(Some("1")).await.unwrap_err().kind(), ErrorKind::Unauthenticated);
}
