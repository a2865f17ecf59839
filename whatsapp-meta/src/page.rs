//! Lists that come in pages. Source: Meta, Graph API, paginated results.
use std::future::Future;

use serde::{Deserialize, de::DeserializeOwned};
use whatsapp_core::{Error, ErrorKind, Result};

use crate::{ID, read};

/// More pages than any account has; a list that does not end is a mistake.
const MOST_PAGES: usize = 1000;

/// One page as Meta answers it.
#[derive(Debug, Deserialize)]
#[serde(bound = "T: DeserializeOwned")]
pub(crate) struct Page<T> {
    #[serde(deserialize_with = "read::items")]
    pub(crate) data: Vec<T>,
    #[serde(default, deserialize_with = "read::lenient")]
    paging: Paging,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Paging {
    #[serde(deserialize_with = "read::lenient")]
    cursors: Cursors,
    /// An address with the token in it: only its presence matters.
    #[serde(deserialize_with = "read::text")]
    next: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Cursors {
    #[serde(deserialize_with = "read::text")]
    after: Option<String>,
}

impl<T> Page<T> {
    /// Where the next page begins, if there is one.
    pub(crate) fn next(&self) -> Option<&str> {
        self.paging.next.as_ref().and(self.paging.cursors.after.as_deref())
    }
}

/// The items of all pages; `ask` fetches the page after a cursor.
pub(crate) async fn every_page<T, F: Future<Output = Result<Page<T>>> + Send>(
    mut ask: impl FnMut(Option<String>) -> F,
) -> Result<Vec<T>> {
    let (mut all, mut after) = (Vec::new(), None);
    for _ in 0..MOST_PAGES {
        let page = ask(after.clone()).await?;
        let next = page.next().map(str::to_owned);
        all.extend(page.data);
        match next {
            Some(next) if after.as_ref() != Some(&next) => after = Some(next),
            Some(_) => return Err(Error::new(ID, ErrorKind::Protocol, "a list answers the same page again and again")),
            None => return Ok(all),
        }
    }
    Err(Error::new(ID, ErrorKind::Protocol, "a list does not end"))
}
