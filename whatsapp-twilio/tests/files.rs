//! Files of contacts: where the credentials go, and where they do not.
#![expect(clippy::unwrap_used, reason = "test code")]

use std::sync::Arc;

use whatsapp_core::{InboundMedia, MediaKind, Provider, ProviderId, Retry};
use whatsapp_twilio::{Twilio, TwilioBuilder};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{any, path},
};

const ACCOUNT: &str = "/2010-04-01/Accounts/ACd1ce0000d1ce0000d1ce0000d1ce0000";

fn line_at(server: &MockServer) -> Twilio {
    use whatsapp_twilio::TwilioConfigKey as Setting;
    let builder = TwilioBuilder::new()
        .with_config(Setting::AccountSid, "ACd1ce0000d1ce0000d1ce0000d1ce0000")
        .with_config(Setting::AuthToken, "d00df00dd00df00dd00df00dd00df00d")
        .with_config(Setting::From, "+14155550100")
        .with_config(Setting::BaseUrl, server.uri());
    builder.build().unwrap()
}

fn file_at(url: impl Into<String>) -> InboundMedia {
    let mut media = InboundMedia::new(MediaKind::Image);
    media.url = Some(url.into());
    media
}

#[tokio::test]
async fn credentials_go_to_files_of_this_account_only() {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(200).set_body_string("x")).mount(&server).await;
    let line: Arc<dyn Provider> = Arc::new(line_at(&server));
    let (files, uri) = (line.media().unwrap(), server.uri());
    for bad in [
        format!("https://evil.example{ACCOUNT}/Messages/MM1/Media/ME1"),
        format!("{uri}/2010-04-01/Accounts/ACffff/Messages/MM1/Media/ME1"),
        format!("{uri}{ACCOUNT}/Messages/MM1/Media/ME1?x"),
        format!("{uri}{ACCOUNT}/Messages/MM1/Media/../../../x"),
        format!("{uri}{ACCOUNT}/Messages/MM1/Media/%2e%2e"),
        format!("{uri}{ACCOUNT}/Messages/MM1"),
        format!("{uri}{ACCOUNT}/Messages//Media/ME1"),
        format!("{uri}@evil.example{ACCOUNT}/Messages/MM1/Media/ME1"),
        uri.replace("http://", "http://u:p@") + ACCOUNT + "/Messages/MM1/Media/ME1",
        "ME1".to_owned(),
        String::new(),
    ] {
        let error = files.download(&file_at(&bad), 10).await.unwrap_err();
        assert!(error.message().contains("media.url"), "{bad}: {error}");
    }
    assert!(files.download(&InboundMedia::new(MediaKind::Image), 10).await.is_err());
    assert!(server.received_requests().await.unwrap().is_empty());
    // Behind a proxy, webhooks still name Twilio itself, and the proxy has the credentials' way there.
    for own in ["https://api.twilio.com", "https://api.dublin.ie1.twilio.com", &uri] {
        assert_eq!(files.download(&file_at(format!("{own}{ACCOUNT}/Messages/MM1/Media/ME1")), 10).await.unwrap(), "x");
    }
    let seen = server.received_requests().await.unwrap();
    assert!(seen.iter().all(|request| request.url.path() == format!("{ACCOUNT}/Messages/MM1/Media/ME1")));
}

#[tokio::test]
async fn a_redirect_takes_no_credentials_along_and_leads_nowhere_else() {
    let server = MockServer::start().await;
    let line: Arc<dyn Provider> = Arc::new(line_at(&server));
    let url = format!("{}{ACCOUNT}/Messages/MM1/Media/ME1", server.uri());
    let leading = |to: &str| ResponseTemplate::new(307).insert_header("location", to);
    for evil in [
        "https://evil.example/x",
        "http://a.twiliocdn.com/x",
        "https://twiliocdn.com.evil.example/x",
        "file:///etc/passwd",
        "http://169.254.169.254/latest",
        "https://u:p@a.twiliocdn.com/x",
        "https://a.twiliocdn.com:8443/x",
    ] {
        server.reset().await;
        Mock::given(any()).respond_with(leading(evil)).mount(&server).await;
        let error = line.media().unwrap().download(&file_at(&url), 10).await.unwrap_err();
        assert!(error.message().contains("media.url"), "{evil}: {error}");
    }
    server.reset().await;
    Mock::given(path("/bytes")).respond_with(ResponseTemplate::new(200).set_body_string("12345")).mount(&server).await;
    Mock::given(any()).respond_with(leading("/bytes")).with_priority(9).mount(&server).await;
    assert_eq!(line.media().unwrap().download(&file_at(&url), 5).await.unwrap(), "12345");
    let seen = server.received_requests().await.unwrap();
    assert!(seen[0].headers.contains_key("authorization") && !seen[1].headers.contains_key("authorization"));
    assert!(line.media().unwrap().download(&file_at(&url), 4).await.is_err(), "larger than allowed");
    server.reset().await;
    Mock::given(any()).respond_with(leading("/again")).mount(&server).await;
    assert!(line.media().unwrap().download(&file_at(&url), 5).await.is_err(), "in a circle");
    assert_eq!(server.received_requests().await.unwrap().len(), 4);
}

#[tokio::test]
async fn a_file_that_is_not_there_yet_may_be_asked_for_again() {
    let server = MockServer::start().await;
    let line: Arc<dyn Provider> = Arc::new(line_at(&server));
    let url = format!("{}{ACCOUNT}/Messages/MM1/Media/ME1", server.uri());
    for (status, retry) in [(404, Retry::Backoff), (500, Retry::Backoff), (401, Retry::Never)] {
        server.reset().await;
        Mock::given(any()).respond_with(ResponseTemplate::new(status)).mount(&server).await;
        let error = line.media().unwrap().download(&file_at(&url), 10).await.unwrap_err();
        assert_eq!(error.retry(), retry, "{status}");
        assert_eq!(error.provider(), &ProviderId::new("twilio"));
    }
}
