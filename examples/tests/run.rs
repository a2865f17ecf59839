//! Runs every example as a person would, with an empty environment.
use std::{
    io,
    process::{Command, Output},
};

fn run(program: &str, environment: &[(&str, &str)]) -> io::Result<Output> {
    Command::new(program).env_clear().envs(environment.iter().copied()).output()
}

/// Runs `program`, which must succeed, and looks for `words` in what it prints.
fn says(program: &str, environment: &[(&str, &str)], words: &[&str]) -> io::Result<()> {
    let output = run(program, environment)?;
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}\n{printed}{}", output.status, String::from_utf8_lossy(&output.stderr));
    for word in words {
        assert!(printed.contains(word), "no `{word}` in:\n{printed}");
    }
    Ok(())
}

/// Runs `program`, which must fail and say `word`.
fn fails(program: &str, environment: &[(&str, &str)], word: &str) -> io::Result<()> {
    let output = run(program, environment)?;
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains(word), "{}, no `{word}` in:\n{said}", output.status);
    Ok(())
}

#[test]
fn send_text() {
    let words = ["sent: meta has it as wamid.", "972501234567: היי דנה", "refused: meta: (#131047)", "retry: Never"];
    says(env!("CARGO_BIN_EXE_send_text"), &[], &words).unwrap();
}

#[test]
fn echo_bot() {
    let words = ["echo to 972501234567: היי", "echo to 972521234567: יש תור מחר?", "does not match"];
    says(env!("CARGO_BIN_EXE_echo_bot"), &[], &words).unwrap();
}

#[test]
fn ask_in_buttons() {
    let asked = ["Meta", "Twilio"].map(|provider| format!("{provider}: נתראה מחר ב-10:00? with כן | לא"));
    let words = [&asked[0], &asked[1], "WhatsApp Web: נתראה מחר ב-10:00?", "2. לא", "Dana tapped no"];
    says(env!("CARGO_BIN_EXE_ask_in_buttons"), &[], &words).unwrap();
}

#[test]
fn find_what_was_lost() {
    let words = ["untold: יש לכם תור פנוי? (recovered: true)", "found in the list: 1", "sent: 1"];
    says(env!("CARGO_BIN_EXE_find_what_was_lost"), &[], &words).unwrap();
}

#[test]
fn webhook_axum() {
    let words = ["meta", "twilio", "baileys"].map(|provider| {
        [format!("{provider} signed with Current: Some(200)"), format!("{provider} signed with Other: Some(401)")]
    });
    let words = words.iter().flatten().map(String::as_str);
    let words: Vec<_> = words.chain(["/webhook/whatsapp/inbound: Message", "היי 👋"]).collect();
    says(env!("CARGO_BIN_EXE_webhook_axum"), &[], &words).unwrap();
}

#[test]
fn any_provider_from_env() {
    let program = env!("CARGO_BIN_EXE_any_provider_from_env");
    says(program, &[], &["provider baileys", "starting its stand-in", "sent as 3EB0"]).unwrap();
    for (provider, id) in [("meta", "wamid."), ("twilio", "SM"), ("baileys", "3EB0")] {
        let words = [&*format!("provider {provider}"), "credentials good: true", &format!("sent as {id}")];
        says(program, &[("WHATSAPP_PROVIDER", provider)], &words).unwrap();
    }
}

#[test]
fn any_provider_from_env_never_hides_a_bad_environment_behind_a_stand_in() {
    let program = env!("CARGO_BIN_EXE_any_provider_from_env");
    let half = [("WHATSAPP_PROVIDER", "meta"), ("META_WA_ACCESS_TOKEN", "token")];
    fails(program, &half, "`phone_number_id` is missing").unwrap();
    fails(program, &[("WHATSAPP_PROVIDER", "carrier-pigeon")], "no such provider").unwrap();
}

#[test]
fn bring_your_provider() {
    let words = ["tty1 prints: Text", "שלום!", "Ok(Ok([Envelope", "Err(Missing)"];
    says(env!("CARGO_BIN_EXE_bring_your_provider"), &[], &words).unwrap();
}

#[cfg(feature = "server")]
#[test]
fn embed_server() {
    let words = ["/hello: 200 OK hello from the program around it", "\"deploy\":\"embedded\"", "סטודיו אור", "stopped"];
    says(env!("CARGO_BIN_EXE_embed_server"), &[], &words).unwrap();
}
