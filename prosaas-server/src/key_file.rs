//! The encryption key of an installation that was given none.
use std::{fs, io::Write, path::Path};

use anyhow::Context;

use crate::crypto::KeyRing;

/// Reads the key ring of the data folder, or makes one at first start.
///
/// # Errors
/// If the file cannot be read, made, or is no key ring.
pub(crate) fn load_or_make(data_dir: &Path) -> anyhow::Result<KeyRing> {
    let path = data_dir.join("encryption.key");
    if !path.exists() {
        let made = KeyRing::generate()?;
        // Written elsewhere first: a half-written key file would lock everything away.
        let mut file = tempfile::NamedTempFile::new_in(data_dir).context("the encryption key cannot be written")?;
        writeln!(file, "{made}")?;
        file.as_file().sync_all()?;
        // Another process may have been faster; then its key counts.
        if let Err(error) = file.persist_noclobber(&path)
            && !path.exists()
        {
            return Err(error).context("the encryption key cannot be written");
        }
        tracing::warn!(path = %path.display(), "made an encryption key; back it up, or set WHATSAPP_ENCRYPTION_KEY: without it stored secrets are lost");
    }
    let text = fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?;
    KeyRing::parse(&text).with_context(|| format!("{} is damaged", path.display()))
}
