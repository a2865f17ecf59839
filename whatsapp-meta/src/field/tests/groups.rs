//! Groups, and who is in them.
use whatsapp_core::{Event, GroupUpdate};

use super::{bsuid, events, phone};

fn groups(name: &str) -> Vec<GroupUpdate> {
    let groups = events(name).into_iter().map(|event| match event {
        Event::Group(group) => group,
        other => panic!("{other:?}"),
    });
    groups.collect()
}

#[test]
fn a_group_is_made() {
    let made = groups("group-created").remove(0);
    assert_eq!(made.event, "group_create");
    assert!(made.group.unwrap().as_str().starts_with("Y2FwaV9ncm91cDo"));
    assert_eq!(made.request_id.as_deref(), Some("EC476E8A5FFA444B637961278ACBBFB7"));
    assert_eq!(made.subject.as_deref(), Some("סדנת תסרוקות"));
    assert_eq!(made.invite_link.as_deref(), Some("https://chat.example/InviteTest0001"));
    assert_eq!(made.error, None);
    let failed = groups("group-create-failed").remove(0).error.unwrap();
    assert_eq!((failed.code, &*failed.message), (Some(131_000), "Something went wrong: The group was not changed."));
}

#[test]
fn people_come_in() {
    let joined = groups("group-participants-joined");
    assert_eq!(joined[0].event, "group_participants_add");
    assert_eq!(joined[0].reason.as_deref(), Some("invite_link"));
    assert_eq!(joined[0].added, [phone("972541114455")]);
    assert_eq!(joined[1].added, [bsuid(phone("972502221133"), "IL.44809999000011112222")]);
    assert_eq!(joined[1].asking, None);
}

#[test]
fn people_go_out_by_themselves_or_not() {
    let left = groups("group-participants-left").remove(0);
    assert_eq!((&*left.event, left.reason.as_deref()), ("group_participants_remove", Some("participant")));
    assert_eq!(left.removed, [phone("972541114455")]);
    for name in ["group-participants-removed", "group-participants-removed-initiator-outside"] {
        let out = groups(name).remove(0);
        assert_eq!(out.reason.as_deref(), Some("business"), "{name}");
        assert_eq!(out.removed, [phone("972502221133")], "{name}");
    }
}

#[test]
fn a_removal_under_the_name_of_a_creation_is_a_removal() {
    let out = groups("group-participants-removed-numbers").remove(0);
    assert_eq!(out.event, "group_participants_remove");
    assert_eq!(out.removed, [phone("972502221133"), phone("972502224466")]);
}

#[test]
fn a_failure_in_part_is_told() {
    let part = groups("group-participants-remove-failed").remove(0);
    assert_eq!(part.removed, [phone("972502221133")]);
    let error = part.error.unwrap();
    assert_eq!((error.code, &*error.message), (Some(131_212), "Not a participant: This person is not in the group."));
}

#[test]
fn settings_count_only_if_they_were_made() {
    let set = groups("group-settings-updated").remove(0);
    assert_eq!(set.subject.as_deref(), Some("סדנת צבע"));
    assert_eq!(set.description.as_deref(), Some("כל יום שלישי בערב"));
    let failed = groups("group-settings-failed").remove(0);
    assert_eq!((failed.subject, failed.description), (None, None));
    assert_eq!(failed.error.unwrap().code, Some(131_000));
}

#[test]
fn somebody_asks_and_a_group_is_suspended() {
    let asked = groups("group-join-requests");
    let person = bsuid(phone("972541114455"), "IL.44805555666677778888");
    let seen: Vec<_> = asked.into_iter().map(|group| (group.event, group.asking)).collect();
    let expected = ["group_join_request_created", "group_join_request_revoked"];
    assert_eq!(seen, expected.map(|event| (event.to_owned(), Some(person.clone()))));
    let suspended: Vec<_> = groups("group-suspended").into_iter().map(|group| group.event).collect();
    assert_eq!(suspended, ["group_suspend", "group_suspend_cleared"]);
}
