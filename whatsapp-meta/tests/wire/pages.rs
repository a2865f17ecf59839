//! Lists that come in pages: where one goes on, and where it ends.
use serde_json::{Value, json};
use whatsapp_core::{ErrorKind, Retry};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{any, query_param, query_param_is_missing},
};

use crate::{TOKEN, answering, line_at};

fn page(id: &str, paging: &Value) -> Value {
    json!({"data": [{"id": id}], "paging": paging})
}

/// A server whose pages follow each other: without a cursor the first, after each cursor its page.
async fn pages(first: Value, after: &[(&str, Value)]) -> MockServer {
    let server = MockServer::start().await;
    let answer = |body: &Value| ResponseTemplate::new(200).set_body_json(body);
    Mock::given(query_param_is_missing("after")).respond_with(answer(&first)).mount(&server).await;
    for (cursor, body) in after {
        Mock::given(query_param("after", *cursor)).respond_with(answer(body)).mount(&server).await;
    }
    server
}

async fn ids(server: &MockServer) -> Vec<String> {
    let numbers = line_at(&server.uri()).account_numbers().await.unwrap();
    numbers.into_iter().filter_map(|number| number.id).collect()
}

#[tokio::test]
async fn a_next_page_without_a_cursor_goes_by_the_one_in_its_address() {
    let next =
        format!("https://graph.facebook.com/v24.0/1/phone_numbers?access_token={TOKEN}&limit=100&after=QQ%3D%3D");
    for paging in [
        json!({"next": next}),
        json!({"next": next, "cursors": {"before": "x"}}),
        json!({"next": next, "cursors": "odd"}),
    ] {
        let server = pages(page("1", &paging), &[("QQ==", page("2", &json!({"cursors": {"after": "B"}})))]).await;
        assert_eq!(ids(&server).await, ["1", "2"]);
        let requests = server.received_requests().await.unwrap();
        assert!(requests[1].url.query().unwrap().ends_with("&after=QQ%3D%3D"), "the rest of the address is left");
    }
}

#[tokio::test]
async fn a_next_page_that_nobody_can_find_is_not_the_end() {
    for next in [
        format!("https://graph.facebook.com/v24.0/1/phone_numbers?access_token={TOKEN}"),
        format!("https://graph.facebook.com/{TOKEN}"),
        format!("https://graph.facebook.com/?access_token={TOKEN}&after="),
    ] {
        let (server, line) = answering(200, page("1", &json!({"next": next, "cursors": {}}))).await;
        let error = line.account_numbers().await.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (ErrorKind::Protocol, Retry::Never));
        assert!(!format!("{error:?}").contains("0that0nobody0"));
        assert_eq!(server.received_requests().await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_list_without_a_next_page_ends() {
    for paging in [json!(null), json!({}), json!({"cursors": {"after": "A"}}), json!({"next": null})] {
        let (server, line) = answering(200, page("1", &paging)).await;
        assert_eq!(line.account_numbers().await.unwrap().len(), 1);
        assert_eq!(server.received_requests().await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_list_that_turns_in_circles_ends_at_once() {
    let to = |cursor: &str| page("1", &json!({"cursors": {"after": cursor}, "next": "https://x.y/"}));
    for (first, after, asked) in [
        (to("A"), vec![("A", to("A"))], 2),
        (to("A"), vec![("A", to("B")), ("B", to("A"))], 3),
        (to("A"), vec![("A", to("B")), ("B", to("C")), ("C", to("B"))], 4),
    ] {
        let server = pages(first, &after).await;
        let error = line_at(&server.uri()).account_numbers().await.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (ErrorKind::Protocol, Retry::Never));
        assert_eq!(server.received_requests().await.unwrap().len(), asked);
    }
}

#[tokio::test]
async fn a_list_that_never_ends_is_given_up() {
    let server = MockServer::start().await;
    let count = std::sync::atomic::AtomicUsize::new(0);
    let ever_new = move |_: &wiremock::Request| {
        let at = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let paging = json!({"cursors": {"after": at.to_string()}, "next": "https://x.y/"});
        ResponseTemplate::new(200).set_body_json(json!({"data": [], "paging": paging}))
    };
    Mock::given(any()).respond_with(ever_new).mount(&server).await;
    let error = line_at(&server.uri()).account_numbers().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol);
    assert_eq!(server.received_requests().await.unwrap().len(), 1000);
}
