//! Forms of several parts. Source: RFC 7578.
use bytes::Bytes;
use http::{HeaderMap, header::CONTENT_TYPE};

/// A part of a form.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) name: String,
    pub(super) file_name: Option<String>,
    pub(super) mime_type: Option<String>,
    pub(super) body: Bytes,
}

/// The parts of `body`; `None` for what is no such form.
pub(super) fn parts(headers: &HeaderMap, body: &Bytes) -> Option<Vec<Part>> {
    let kind = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let boundary = kind.strip_prefix("multipart/form-data")?.split("boundary=").nth(1)?.trim_matches('"');
    let (mark, mut parts) = (format!("--{boundary}").into_bytes(), Vec::new());
    let mut rest = 0;
    loop {
        rest += find(body.get(rest..)?, &mark)? + mark.len();
        if body.get(rest..)?.starts_with(b"--") {
            return Some(parts);
        }
        let from = body.get(rest..)?;
        let end = rest + find(from, &mark)?;
        parts.push(part(&body.slice(rest + 2..end.checked_sub(2)?))?);
        rest = end;
    }
}

fn part(bytes: &Bytes) -> Option<Part> {
    let head = find(bytes, b"\r\n\r\n")?;
    let text = std::str::from_utf8(bytes.get(..head)?).ok()?;
    let line = |name: &str| {
        let mut lines = text.split("\r\n").filter_map(|line| line.split_once(": "));
        lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    };
    let disposition = line("content-disposition")?;
    let parameter = |key: &str| {
        let from = disposition.split(&format!("; {key}=\"")).nth(1)?;
        from.split('"').next().map(str::to_owned)
    };
    let (name, file_name) = (parameter("name")?, parameter("filename"));
    let mime_type = line("content-type").map(str::to_owned);
    Some(Part { name, file_name, mime_type, body: bytes.slice(head + 4..) })
}

fn find(within: &[u8], wanted: &[u8]) -> Option<usize> {
    within.windows(wanted.len()).position(|window| window == wanted)
}
