//! Bodies as Meta writes them: no spaces, what is not ASCII escaped, people named both by number and by user id.
use bytes::Bytes;

/// One text message; 781 bytes.
pub(crate) fn text() -> Bytes {
    webhook(1, "messages", &message(0, 42))
}

/// A status of a message of ours; 712 bytes.
pub(crate) fn status() -> Bytes {
    webhook(
        1,
        "statuses",
        concat!(
            r#"{"id":"wamid.HBgMOTcyNTQxMTEyMjMzFQIAERgSQjA1M0QyRTdGNDk4MT","status":"delivered","#,
            r#""timestamp":"1790001022","recipient_id":"972541112200","recipient_user_id":"IL.4480123456789012300","#,
            r#""biz_opaque_callback_data":"0707070707070707a7a7a7a7a7a7a7a7","#,
            r#""pricing":{"billable":true,"pricing_model":"PMP","category":"utility","type":"regular"}}"#,
        ),
    )
}

/// Ten text messages of three people; 4,387 bytes.
pub(crate) fn batch() -> Bytes {
    let items: Vec<_> = (0..10).map(|number| message(number, 37)).collect();
    webhook(3, "messages", &items.join(","))
}

/// A message of so many letters.
fn message(number: usize, letters: usize) -> String {
    const TEXT: &str = "אפשר לקבוע תור ליום ראשון בבוקר אצל נועה בסטודיו החדש ברחוב דיזנגוף";
    let (person, text) = (number % 3, escaped(TEXT.chars().take(letters)));
    format!(
        concat!(
            r#"{{"from":"97254111220{person}","from_user_id":"IL.448012345678901230{person}","#,
            r#""id":"wamid.HBgMOTcyNTQxMTEyMjMzFQIAEhgUM0E1QjZDN0Q4RTlGMEEx{number:02}AA==","#,
            r#""timestamp":"17900010{number:02}","type":"text","text":{{"body":"{text}"}}}}"#,
        ),
        number = number,
        person = person,
        text = text,
    )
}

/// A webhook about so many people, whose `list` has these items.
fn webhook(people: usize, list: &str, items: &str) -> Bytes {
    let name = escaped("דנה לוי".chars());
    let contacts: Vec<_> = (0..people)
        .map(|person| {
            format!(
                concat!(
                    r#"{{"profile":{{"name":"{name}"}},"#,
                    r#""wa_id":"97254111220{person}","user_id":"IL.448012345678901230{person}"}}"#,
                ),
                name = name,
                person = person,
            )
        })
        .collect();
    let body = format!(
        concat!(
            r#"{{"object":"whatsapp_business_account","entry":[{{"id":"9106500000000001","changes":[{{"value":"#,
            r#"{{"messaging_product":"whatsapp","metadata":{{"display_phone_number":"97235550100","#,
            r#""phone_number_id":"106500000000001"}},"contacts":[{contacts}],"{list}":[{items}]}},"#,
            r#""field":"messages"}}]}}]}}"#,
        ),
        contacts = contacts.join(","),
        list = list,
        items = items,
    );
    body.into()
}

fn escaped(text: impl Iterator<Item = char>) -> String {
    text.map(|letter| if letter.is_ascii() { letter.to_string() } else { format!("\\u{:04x}", u32::from(letter)) })
        .collect()
}
