//! The samples of the folder that `EXTRA_FIXTURES` names, if it names one.
use std::path::Path;

use serde_json::Value;
use whatsapp_core::Templates;
use whatsapp_twilio::content::{ApprovalCategory, ApprovalRequest, ApprovalStatus, ContentTemplate, ContentType};
use wiremock::MockServer;

use super::{CONTENT, answers, asked, line};

#[tokio::test]
async fn requests_are_written_and_answers_are_read() {
    let Some(folder) = whatsapp_core::testing::extra_fixtures("twilio") else { return };
    let file: Value =
        serde_json::from_str(&std::fs::read_to_string(Path::new(&folder).join("content_api.json")).unwrap()).unwrap();
    for case in file["requests"].as_array().unwrap() {
        let body = &case["request"]["body"];
        let wanted: ContentTemplate = serde_json::from_value(body.clone()).unwrap();
        assert!(wanted.types.iter().all(|kind| !matches!(kind, ContentType::Other(..))), "{}", case["name"]);
        let server = MockServer::start().await;
        answers(&server, "POST", "/v1/Content", 201, body.clone()).await;
        line(&server).create_content(&wanted.to_draft()).await.unwrap();
        assert_eq!(asked(&server).await, [("POST /v1/Content".to_owned(), body.clone())], "{}", case["name"]);
    }
    approval(&file["approval"]).await;
    for case in file["examples"].as_array().unwrap() {
        example(case).await;
    }
}

async fn approval(file: &Value) {
    let server = MockServer::start().await;
    let path = format!("/v1/Content/{CONTENT}/ApprovalRequests");
    answers(&server, "POST", &format!("{path}/whatsapp"), 201, file["response"]["body"].clone()).await;
    answers(&server, "GET", &path, 200, file["poll"]["rejected"].clone()).await;
    let body = &file["request"]["body"];
    let request = ApprovalRequest::new(body["name"].as_str().unwrap(), ApprovalCategory::Utility)
        .with_category_change(body["allow_category_change"].as_bool().unwrap());
    let line = line(&server);
    assert_eq!(line.request_approval(CONTENT, &request).await.unwrap().status, ApprovalStatus::Received);
    assert_eq!(asked(&server).await, [(format!("POST {path}/whatsapp"), body.clone())]);
    let rejected = line.approval(CONTENT).await.unwrap();
    assert_eq!(rejected.status, ApprovalStatus::Rejected);
    assert_eq!(rejected.rejection_reason.as_deref(), file["poll"]["rejected"]["whatsapp"]["rejection_reason"].as_str());
    for state in file["states"].as_array().unwrap() {
        let status = ApprovalStatus::from(state.as_str().unwrap().to_owned());
        assert!(!matches!(status, ApprovalStatus::Other(_)), "{state}");
    }
}

async fn example(case: &Value) {
    let (name, body) = (&case["name"], &case["body"]);
    let operation = case["operation"].as_str().unwrap();
    let (verb, path) = operation.split_once(' ').unwrap();
    let path = path.replace("{ContentSid}", CONTENT).replace("{Sid}", CONTENT);
    let server = MockServer::start().await;
    let status = u16::try_from(case["status"].as_u64().unwrap()).unwrap();
    answers(&server, verb, &path, status, body.clone()).await;
    let line = line(&server);
    let wanted = |content: &ContentTemplate, body: &Value| {
        assert_eq!(content.sid.as_deref(), body["sid"].as_str(), "{operation} {name}");
        assert_eq!(content.types.len(), body["types"].as_object().unwrap().len());
        assert!(content.types.iter().all(|kind| !matches!(kind, ContentType::Other(..))));
        assert!(content.date_updated.is_some());
    };
    match (verb, path.rsplit('/').next().unwrap()) {
        ("POST", "whatsapp") => {
            let request = ApprovalRequest::new("tree_fiddy", ApprovalCategory::Utility);
            let approval = line.request_approval(CONTENT, &request).await.unwrap();
            assert_eq!(approval.status.as_str(), body["status"]);
        }
        ("GET", "ApprovalRequests") => {
            assert_eq!(line.approval(CONTENT).await.unwrap().status.as_str(), body["whatsapp"]["status"]);
        }
        ("GET", CONTENT) => wanted(&line.content(CONTENT).await.unwrap(), body),
        ("PUT", CONTENT) => {
            let draft = serde_json::from_value::<ContentTemplate>(body.clone()).unwrap().to_draft();
            let draft = whatsapp_twilio::content::ContentDraft::new(draft.language, draft.types[0].clone());
            wanted(&line.update_content(CONTENT, &draft).await.unwrap(), body);
        }
        ("POST", "Content") => {
            let draft = whatsapp_twilio::content::ContentDraft::new("en", ContentType::text("x"));
            wanted(&line.create_content(&draft).await.unwrap(), body);
        }
        ("GET", list @ ("Content" | "ContentAndApprovals")) => {
            let page = match list {
                "Content" => line.contents(None).await.unwrap(),
                _ => line.contents_with_approvals(None).await.unwrap(),
            };
            let contents = body["contents"].as_array().unwrap();
            assert_eq!((page.contents.len(), page.next), (contents.len(), None));
            page.contents.iter().zip(contents).for_each(|(content, body)| wanted(content, body));
            if list == "ContentAndApprovals" {
                let approved = |body: &&Value| body["approval_requests"]["status"] == "approved";
                assert_eq!(line.list().await.unwrap().len(), contents.iter().filter(approved).count());
            }
        }
        // Templates from before the Content API are listed there only.
        ("GET", "LegacyContent") => {}
        other => unreachable!("{other:?}"),
    }
}
