//! The cases that every provider meets, against its own fake.
//!
//! A provider runs them with one line in a test file: `whatsapp_core::conformance!(MyHarness);`
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code, in a library so that others can run it"
)]
#![expect(missing_docs, clippy::missing_panics_doc, reason = "the names of the cases say what they prove")]

pub mod configuring;
pub mod failing;
pub mod sending;
pub mod webhook;

use super::{Harness, Inbound, Key, SignedRequest};
use crate::{CorrelationId, Envelope, OutboundMessage, PhoneNumber, WebhookExt};

/// Every case, in the order the macro runs them.
pub const CASES: &[&str] = &[
    "sending::accepts_text",
    "sending::hebrew_and_emoji_round_trip",
    "sending::quotes_a_message",
    "sending::sends_media_by_link",
    "sending::sends_media_by_id",
    "sending::sends_buttons",
    "sending::sends_a_list",
    "sending::sends_contacts",
    "sending::sends_a_template",
    "sending::sends_a_location",
    "sending::sends_and_removes_a_reaction",
    "sending::carries_the_correlation",
    "sending::longest_text_passes_and_longer_fails_before_io",
    "sending::empty_text_fails_before_io",
    "sending::broken_limits_fail_before_io",
    "sending::unsupported_fails_before_io",
    "failing::rate_limit_tells_when",
    "failing::unauthenticated_is_never_retried",
    "failing::invalid_recipient_is_never_retried",
    "failing::window_closed_is_never_retried",
    "failing::server_error_is_ambiguous",
    "failing::hang_is_ambiguous",
    "failing::cut_connection_is_ambiguous",
    "failing::garbage_is_ambiguous",
    "failing::huge_answer_is_bounded",
    "failing::redirect_is_not_followed",
    "failing::refused_connection_is_surely_not_sent",
    "failing::errors_hold_no_secret",
    "failing::retrying_repeats_only_what_was_surely_not_sent",
    "failing::retrying_honours_the_wait",
    "failing::a_dropped_send_hurts_no_other",
    "failing::retrying_stops_at_the_limit",
    "webhook::accepts_the_current_and_the_previous_secret",
    "webhook::rejects_another_secret",
    "webhook::rejects_a_missing_signature",
    "webhook::rejects_a_repeated_signature",
    "webhook::rejects_an_empty_signature",
    "webhook::rejects_every_flipped_byte",
    "webhook::rejects_a_truncated_signature",
    "webhook::reads_a_text",
    "webhook::reads_a_file",
    "webhook::reads_statuses",
    "webhook::reads_every_item_of_a_batch",
    "webhook::keeps_what_it_does_not_know",
    "webhook::same_item_has_same_event_id",
    "webhook::statuses_join_in_any_order",
    "webhook::survives_any_body",
    "configuring::required_keys_are_named",
    "configuring::unknown_key_is_named",
    "configuring::reads_the_environment",
    "configuring::debug_holds_no_secret",
];

/// Runs the conformance suite on a [`Harness`]: one `#[tokio::test]` per case.
#[macro_export]
macro_rules! conformance {
    ($harness:ty) => {
        $crate::conformance!(@ $harness;
            sending: accepts_text, hebrew_and_emoji_round_trip, quotes_a_message, sends_media_by_link,
                sends_media_by_id, sends_buttons, sends_a_list, sends_contacts, sends_a_template, sends_a_location,
                sends_and_removes_a_reaction, carries_the_correlation,
                longest_text_passes_and_longer_fails_before_io, empty_text_fails_before_io,
                broken_limits_fail_before_io, unsupported_fails_before_io;
            failing: rate_limit_tells_when, unauthenticated_is_never_retried, invalid_recipient_is_never_retried,
                window_closed_is_never_retried, server_error_is_ambiguous, hang_is_ambiguous,
                cut_connection_is_ambiguous, garbage_is_ambiguous, huge_answer_is_bounded, redirect_is_not_followed,
                refused_connection_is_surely_not_sent, errors_hold_no_secret,
                retrying_repeats_only_what_was_surely_not_sent, retrying_honours_the_wait,
                a_dropped_send_hurts_no_other, retrying_stops_at_the_limit;
            webhook: accepts_the_current_and_the_previous_secret, rejects_another_secret,
                rejects_a_missing_signature, rejects_a_repeated_signature, rejects_an_empty_signature,
                rejects_every_flipped_byte, rejects_a_truncated_signature, reads_a_text, reads_a_file,
                reads_statuses, reads_every_item_of_a_batch, keeps_what_it_does_not_know, same_item_has_same_event_id,
                statuses_join_in_any_order, survives_any_body;
            configuring: required_keys_are_named, unknown_key_is_named, reads_the_environment,
                debug_holds_no_secret;
        );
    };
    (@ $harness:ty; $($group:ident: $($case:ident),*;)*) => {
        mod conformance {
            #[expect(unused_imports, reason = "the harness may come from the parent or by path")]
            use super::*;

            const RUN: &[&str] = &[$($(concat!(stringify!($group), "::", stringify!($case))),*),*];

            #[test]
            fn runs_every_case() {
                assert_eq!(RUN, $crate::testing::suite::CASES);
                for (case, reason) in <$harness as $crate::testing::Harness>::SKIP {
                    assert!(RUN.contains(case), "{case} is skipped ({reason}) but is no case");
                }
            }

            $(mod $group {
                #[expect(unused_imports, reason = "the harness may come from the parent or by path")]
                use super::super::*;

                $(#[tokio::test]
                async fn $case() {
                    let case = concat!(stringify!($group), "::", stringify!($case));
                    let skipped = <$harness as $crate::testing::Harness>::SKIP.iter().find(|(name, _)| *name == case);
                    if let Some((_, reason)) = skipped {
                        println!("skipped: {reason}");
                    } else {
                        $crate::testing::suite::$group::$case::<$harness>().await;
                    }
                })*
            })*
        }
    };
}

fn dana() -> PhoneNumber {
    "+972501234567".parse().unwrap()
}

fn hello() -> OutboundMessage {
    OutboundMessage::new(dana(), "שלום").with_correlation(CorrelationId::from_bytes([7; 16]))
}

fn signed<H: Harness>(harness: &H, item: Inbound, key: Key) -> SignedRequest {
    let mut requests = harness.webhooks(&[item], key);
    assert_eq!(requests.len(), 1);
    requests.remove(0)
}

fn read<H: Harness>(harness: &H, items: &[Inbound], key: Key) -> Vec<Envelope> {
    let provider = harness.build(&harness.settings()).unwrap();
    let requests = harness.webhooks(items, key);
    let receive =
        |request: &SignedRequest| provider.receive(request.as_request()).expect("authentic").expect("readable");
    requests.iter().flat_map(receive).collect()
}
