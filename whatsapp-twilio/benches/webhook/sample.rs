//! Webhooks as Twilio sends them.
use bytes::Bytes;

/// Where Twilio was told to call.
pub(crate) const URL: &str = "https://studio.example/webhook/whatsapp/inbound";

/// One text message, with all that Twilio says beside it.
pub(crate) fn text() -> Bytes {
    Bytes::from_static(
        b"SmsMessageSid=SM4be1c09a77d2f3e8a15c60b94d7e2f31&NumMedia=0&ProfileName=Noa+Levi&MessageType=text\
          &SmsSid=SM4be1c09a77d2f3e8a15c60b94d7e2f31&WaId=972509876543&SmsStatus=received\
          &Body=Great%2C+see+you+on+Sunday+at+10%3A00%2C+thanks%21&To=whatsapp%3A%2B14155550100&NumSegments=1&ReferralNumMedia=0\
          &MessageSid=SM4be1c09a77d2f3e8a15c60b94d7e2f31&AccountSid=ACd1ce0000d1ce0000d1ce0000d1ce0000\
          &ChannelMetadata=%7B%22type%22%3A%22whatsapp%22%2C%22data%22%3A%7B%22context%22%3A%7B%22ProfileName%22%3A\
          %22Noa+Levi%22%2C%22WaId%22%3A%22972509876543%22%7D%7D%7D&From=whatsapp%3A%2B972509876543\
          &ApiVersion=2010-04-01",
    )
}

/// A message of ours was read.
pub(crate) fn status() -> Bytes {
    Bytes::from_static(
        b"EventType=READ&SmsSid=SM77d2f3e8a15c60b94d7e2f314be1c09a&SmsStatus=read&MessageStatus=read\
          &ChannelToAddress=%2B9725098XXXXX&To=whatsapp%3A%2B972509876543&ChannelPrefix=whatsapp\
          &ChannelInstallSid=XE0c15a0e77d2f3e8a15c60b94d7e2f314&MessageSid=SM77d2f3e8a15c60b94d7e2f314be1c09a\
          &AccountSid=ACd1ce0000d1ce0000d1ce0000d1ce0000&StructuredMessage=false&From=whatsapp%3A%2B14155550100\
          &ApiVersion=2010-04-01",
    )
}

/// A text in Hebrew, of which nearly every byte is escaped.
pub(crate) fn hebrew() -> Bytes {
    let body = form_urlencoded::byte_serialize("אפשר להזיז את התור ליום רביעי בבוקר? 🙏".as_bytes());
    let text = String::from_utf8_lossy(&text())
        .replace("Great%2C+see+you+on+Sunday+at+10%3A00%2C+thanks%21", &body.collect::<String>());
    let name = form_urlencoded::byte_serialize("נועה לוי".as_bytes()).collect::<String>();
    text.replace("Noa+Levi", &name).into()
}
