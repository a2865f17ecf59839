//! Lists that come in pages. Source: Meta, Graph API, paginated results.
use std::{collections::HashSet, future::Future};

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
    /// An address with the token in it, so it is never asked nor shown: it tells that there is more, and where.
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
    fn next(&self) -> Result<Option<String>> {
        let Some(next) = &self.paging.next else { return Ok(None) };
        let after = self.paging.cursors.after.clone().or_else(|| cursor_of(next));
        // The end of a list that goes on would hide what comes after it.
        after.map(Some).ok_or_else(|| Error::new(ID, ErrorKind::Protocol, "a list goes on, but does not tell where"))
    }
}

/// The cursor in the query of `address`.
fn cursor_of(address: &str) -> Option<String> {
    let (_, query) = address.split_once('?')?;
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    let after = pairs.find_map(|(key, value)| (key == "after").then(|| value.into_owned()));
    after.filter(|after| !after.is_empty())
}

/// The items of all pages; `ask` fetches the page after a cursor.
pub(crate) async fn every_page<T, F: Future<Output = Result<Page<T>>> + Send>(
    mut ask: impl FnMut(Option<String>) -> F,
) -> Result<Vec<T>> {
    let (mut all, mut seen, mut after) = (Vec::new(), HashSet::new(), None);
    for _ in 0..MOST_PAGES {
        let page = ask(after).await?;
        let next = page.next()?;
        all.extend(page.data);
        let Some(next) = next else { return Ok(all) };
        if !seen.insert(next.clone()) {
            return Err(Error::new(ID, ErrorKind::Protocol, "a list answers the same page again and again"));
        }
        after = Some(next);
    }
    Err(Error::new(ID, ErrorKind::Protocol, "a list does not end"))
}
