//! The content that carries a message.
use whatsapp_core::{Content, Result};

use crate::{
    Twilio,
    encode::{interactive, template},
};

/// A content by its id, and the values for its placeholders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Filled {
    pub(crate) sid: String,
    pub(crate) variables: Vec<(String, String)>,
    /// Whether the id was looked up, so that another may be found in its place.
    pub(crate) is_looked_up: bool,
}

impl Twilio {
    /// What carries `content`; `None` for what is sent without. `gone` is an id that Twilio turned out to have no more.
    ///
    /// Nothing was sent if this fails.
    pub(crate) async fn filled(&self, content: &Content, gone: Option<&str>) -> Result<Option<Filled>> {
        Ok(Some(match content {
            Content::Template(wanted) if template::is_content_sid(&wanted.name) => {
                Filled { sid: wanted.name.clone(), variables: template::variables(wanted), is_looked_up: false }
            }
            Content::Template(wanted) => {
                let sid = self.content_named(wanted, gone).await?;
                Filled { sid, variables: template::variables(wanted), is_looked_up: true }
            }
            Content::Interactive(ask) => {
                let session = interactive::session(ask)?;
                let sid = self.session_content(&session.draft, gone).await?;
                Filled { sid, variables: session.variables, is_looked_up: true }
            }
            _ => return Ok(None),
        }))
    }
}
