//! Every operation: what is asked, and what is read of the answer.
use insta::{assert_debug_snapshot, assert_json_snapshot};
use serde_json::{Value, json};
use whatsapp_core::{
    ErrorKind::{Config, InvalidMessage, Protocol, Unavailable},
    Retry::{Ambiguous, Backoff, Never},
    Templates,
};
use whatsapp_twilio::content::{
    ApprovalCategory, ApprovalRequest, ApprovalStatus, ContentAction, ContentDraft, ContentType,
};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

use super::{CONTENT, answers, asked, line, page, template};

fn reminder() -> ContentDraft {
    let body = "היי {{1}}, נתראה ב-{{2}} בסטודיו";
    ContentDraft::new("he", ContentType::quick_reply(body, [ContentAction::reply("come_{{2}}", "מגיעה")]))
        .with_type(ContentType::text(body))
        .named("studio_reminder")
        .with_sample("1", "נועה")
        .with_sample("2", "10:00")
}

#[tokio::test]
async fn requests() {
    let server = MockServer::start().await;
    let base = format!("/v1/Content/{CONTENT}");
    let content: Value = serde_json::from_str(include_str!("../../fixtures/content-created.json")).unwrap();
    let approval = json!({"name": "studio_reminder", "category": "UTILITY", "content_type": "twilio/quick-reply",
        "status": "received", "rejection_reason": "", "allow_category_change": false});
    answers(&server, "POST", "/v1/Content", 201, content.clone()).await;
    answers(&server, "GET", "/v1/Content", 200, page(&[], None)).await;
    answers(&server, "GET", "/v1/ContentAndApprovals", 200, page(&[], None)).await;
    answers(&server, "GET", &base, 200, content.clone()).await;
    answers(&server, "PUT", &base, 200, content).await;
    answers(&server, "DELETE", &base, 204, json!({})).await;
    answers(&server, "POST", &format!("{base}/ApprovalRequests/whatsapp"), 201, approval.clone()).await;
    answers(&server, "GET", &format!("{base}/ApprovalRequests"), 200, json!({"sid": CONTENT, "whatsapp": approval}))
        .await;

    let line = line(&server);
    let created = line.create_content(&reminder()).await.unwrap();
    assert_eq!(created.sid.as_deref(), Some(CONTENT));
    assert_eq!(created.to_draft(), reminder(), "what was written is read");
    assert_eq!(line.content(CONTENT).await.unwrap(), created);
    assert!(line.contents(None).await.unwrap().contents.is_empty());
    assert!(line.contents_with_approvals(None).await.unwrap().next.is_none());
    assert_eq!(line.update_content(CONTENT, &reminder()).await.unwrap(), created);
    let request = ApprovalRequest::new("studio_reminder", ApprovalCategory::Utility).with_category_change(false);
    let asked_for = line.request_approval(CONTENT, &request).await.unwrap();
    assert_eq!((&asked_for.status, asked_for.rejection_reason.as_deref()), (&ApprovalStatus::Received, None));
    assert_eq!(line.approval(CONTENT).await.unwrap(), asked_for);
    line.delete_content(CONTENT).await.unwrap();
    assert_json_snapshot!(asked(&server).await);
    let all = server.received_requests().await.unwrap();
    assert!(all.iter().all(|request| request.headers.contains_key("authorization")));
}

#[tokio::test]
async fn odd_answers_lose_nothing_else() {
    let server = MockServer::start().await;
    let list: Value = serde_json::from_str(include_str!("../../fixtures/content-list.json")).unwrap();
    answers(&server, "GET", "/v1/ContentAndApprovals", 200, list).await;
    assert_debug_snapshot!(line(&server).contents_with_approvals(None).await.unwrap());
}

#[tokio::test]
async fn never_submitted_is_said_in_three_ways() {
    for body in [json!({"sid": CONTENT}), json!({"whatsapp": null}), json!({"whatsapp": {}})] {
        let server = MockServer::start().await;
        answers(&server, "GET", &format!("/v1/Content/{CONTENT}/ApprovalRequests"), 200, body).await;
        assert_eq!(line(&server).approval(CONTENT).await.unwrap().status, ApprovalStatus::Unsubmitted);
    }
    let server = MockServer::start().await;
    let refused = json!({"whatsapp": {"status": "rejected", "rejection_reason": "INVALID_FORMAT", "category": 7}});
    answers(&server, "GET", &format!("/v1/Content/{CONTENT}/ApprovalRequests"), 200, refused).await;
    let approval = line(&server).approval(CONTENT).await.unwrap();
    assert_eq!(
        (approval.status, approval.rejection_reason.as_deref()),
        (ApprovalStatus::Rejected, Some("INVALID_FORMAT"))
    );
}

#[tokio::test]
async fn pages_follow_whole_addresses_of_the_same_host_only() {
    let server = MockServer::start().await;
    let contents = [template("HX1", "a", "he", "approved", "2026-01-01T00:00:00Z")];
    let next = format!("{}/v1/Content?PageSize=500&Page=1&PageToken=PAHX1", server.uri());
    answers(&server, "GET", "/v1/Content", 200, page(&contents, Some(&next))).await;
    let line = line(&server);
    let first = line.contents(None).await.unwrap();
    assert_eq!((first.contents.len(), first.next.as_deref()), (1, Some(next.as_str())));
    line.contents(first.next.as_deref()).await.unwrap();
    let lines: Vec<_> = asked(&server).await.into_iter().map(|(line, _)| line).collect();
    assert_eq!(lines, ["GET /v1/Content?PageSize=500", "GET /v1/Content?PageSize=500&Page=1&PageToken=PAHX1"]);
    for foreign in ["https://evil.example/v1/Content?Page=1", "//evil.example/v1/Content", "/v1/../Content"] {
        assert_eq!(line.contents(Some(foreign)).await.unwrap_err().kind(), Protocol, "{foreign}");
    }
    assert_eq!(asked(&server).await.len(), 2, "credentials go nowhere else");
}

#[tokio::test]
async fn a_list_that_turns_in_circles_ends() {
    let server = MockServer::start().await;
    let next = format!("{}/v1/ContentAndApprovals?Page=1", server.uri());
    answers(&server, "GET", "/v1/ContentAndApprovals", 200, page(&[], Some(&next))).await;
    let error = line(&server).list().await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (Protocol, Never), "{error}");
    assert_eq!(asked(&server).await.len(), 2);
}

#[tokio::test]
async fn what_is_in_doubt_is_ambiguous_only_where_twice_is_not_once() {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(500)).mount(&server).await;
    let line = line(&server);
    let request = ApprovalRequest::new("studio_reminder", ApprovalCategory::Utility);
    for (error, retry) in [
        (line.create_content(&reminder()).await.unwrap_err(), Ambiguous),
        (line.request_approval(CONTENT, &request).await.unwrap_err(), Ambiguous),
        (line.update_content(CONTENT, &reminder()).await.unwrap_err(), Backoff),
        (line.delete_content(CONTENT).await.unwrap_err(), Backoff),
        (line.content(CONTENT).await.unwrap_err(), Backoff),
        (line.approval(CONTENT).await.unwrap_err(), Backoff),
        (line.contents(None).await.unwrap_err(), Backoff),
    ] {
        assert_eq!((error.kind(), error.retry()), (Unavailable, retry));
    }
}

#[tokio::test]
async fn refusals_say_what_twilio_says() {
    let server = MockServer::start().await;
    let gone = json!({"code": 20404, "message": "The requested resource was not found", "status": 404});
    answers(&server, "GET", &format!("/v1/Content/{CONTENT}"), 404, gone).await;
    let problem = json!({"type": "about:blank", "title": "Bad Request", "status": 400, "detail": "types is required"});
    answers(&server, "POST", "/v1/Content", 400, problem).await;
    answers(&server, "GET", "/v1/Content", 200, json!([])).await;
    let line = line(&server);
    let error = line.content(CONTENT).await.unwrap_err();
    assert_eq!((error.kind(), error.code(), error.status()), (Config, Some(20404), Some(404)));
    let error = line.create_content(&reminder()).await.unwrap_err();
    assert_eq!((error.kind(), error.retry(), error.message()), (InvalidMessage, Never, "types is required"));
    assert_eq!(line.contents(None).await.unwrap_err().kind(), Protocol);
}
