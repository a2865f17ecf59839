//! A list of contents, page by page.
use std::collections::HashSet;

use whatsapp_core::{Error, ErrorKind, Result};

use super::ContentTemplate;
use crate::{ID, Twilio};

/// More pages than any account has; a list that does not end is a mistake.
const MOST_PAGES: usize = 1000;

/// How far a list was read. Whoever stops may go on from there.
#[derive(Default)]
pub(super) struct Walk {
    seen: HashSet<String>,
    next: Option<String>,
    pages: usize,
}

impl Walk {
    /// The contents of the next page of the list at `path`, and whether more follow. If it fails or is dropped, nothing
    /// has changed.
    pub(super) async fn step(&mut self, line: &Twilio, path: &str) -> Result<(Vec<ContentTemplate>, bool)> {
        let page = line.content_page(path, self.next.as_deref()).await?;
        let Some(next) = page.next else { return Ok((page.contents, false)) };
        if !self.seen.insert(next.clone()) {
            return Err(endless("the list of contents answers the same page again and again"));
        }
        self.pages += 1;
        if self.pages >= MOST_PAGES {
            return Err(endless("the list of contents does not end"));
        }
        self.next = Some(next);
        Ok((page.contents, true))
    }
}

fn endless(problem: &'static str) -> Error {
    Error::new(ID, ErrorKind::Protocol, problem)
}
