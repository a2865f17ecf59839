//! Seals credentials and raw bodies for storage.
//!
//! XChaCha20-Poly1305; a sealed value is `version ‖ key id length ‖ key id ‖ 24-byte nonce ‖ ciphertext`, bound to its
//! table, column, tenant and row, so that a value moved elsewhere does not open.
use std::fmt;

use base64::{Engine, prelude::BASE64_STANDARD};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use uuid::Uuid;

use crate::clock::random;

const VERSION: u8 = 1;
const NONCE_BYTES: usize = 24;
/// Key id of a plain 32-character value of the original plans; it opens old values and never seals.
const LEGACY_ID: &str = "0";

/// Where a sealed value lives.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Table.
    pub table: &'static str,
    /// Column.
    pub column: &'static str,
    /// Business; nil where there is none.
    pub tenant: Uuid,
    /// Primary key of the row.
    pub row: Uuid,
}

impl Place {
    fn associated_data(&self) -> Vec<u8> {
        let mut data = vec![VERSION];
        for part in [self.table.as_bytes(), self.column.as_bytes(), self.tenant.as_bytes(), self.row.as_bytes()] {
            data.extend(u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
            data.extend(part);
        }
        data
    }
}

/// A value could not be sealed or opened. Says nothing about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CryptoError {
    /// The operating system gave no random bytes, or the cipher refused.
    #[error("a value could not be sealed")]
    Seal,
    /// The value is damaged, moved, or sealed with a key that is gone.
    #[error("a sealed value could not be opened: damaged, moved, or its key is missing from WHATSAPP_ENCRYPTION_KEY")]
    Open,
}

/// `WHATSAPP_ENCRYPTION_KEY` is not a key ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a comma list of `id:base64 of 32 bytes` expected (id: letters and digits; make one with `openssl rand -base64 32`)"
)]
pub struct InvalidKeyRing;

/// The keys: the first seals, all open.
#[derive(Clone)]
pub struct KeyRing(Vec<Key>);

#[derive(Clone)]
struct Key {
    id: String,
    cipher: XChaCha20Poly1305,
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|key| &key.id)).finish()
    }
}

impl KeyRing {
    /// Reads `id:base64,…`. A plain value of 32 characters is taken for reading only; a ring needs one other key.
    ///
    /// # Errors
    /// [`InvalidKeyRing`] if an entry is neither, or none can seal.
    pub fn parse(text: &str) -> Result<Self, InvalidKeyRing> {
        let mut keys = Vec::new();
        for entry in text.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
            keys.push(Self::entry(entry).ok_or(InvalidKeyRing)?);
        }
        // What cannot seal goes last.
        keys.sort_by_key(|key| key.id == LEGACY_ID);
        match keys.first() {
            Some(first) if first.id != LEGACY_ID => Ok(Self(keys)),
            _ => Err(InvalidKeyRing),
        }
    }

    fn entry(entry: &str) -> Option<Key> {
        if let Some((id, encoded)) = entry.split_once(':') {
            let named = !id.is_empty() && id.len() <= 32 && id.bytes().all(|b| b.is_ascii_alphanumeric());
            let bytes = BASE64_STANDARD.decode(encoded).ok().filter(|bytes| named && bytes.len() == 32)?;
            let cipher = XChaCha20Poly1305::new_from_slice(&bytes).ok()?;
            return Some(Key { id: id.to_owned(), cipher });
        }
        Self::is_legacy(entry).then_some(())?;
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(b"prosaas legacy encryption key").ok()?;
        mac.update(entry.as_bytes());
        let cipher = XChaCha20Poly1305::new_from_slice(&mac.finalize().into_bytes()).ok()?;
        Some(Key { id: LEGACY_ID.to_owned(), cipher })
    }

    /// Whether `entry` is a plain 32-character value of the original plans.
    #[must_use]
    pub fn is_legacy(entry: &str) -> bool {
        !entry.contains(':') && entry.chars().count() == 32
    }

    /// A fresh entry for a key ring.
    ///
    /// # Errors
    /// [`CryptoError::Seal`] if the operating system gives no random bytes.
    pub fn generate() -> Result<String, CryptoError> {
        let key: [u8; 32] = random().map_err(|_| CryptoError::Seal)?;
        Ok(format!("k1:{}", BASE64_STANDARD.encode(key)))
    }

    /// Seals `plain` for its place.
    ///
    /// # Errors
    /// [`CryptoError::Seal`] if the operating system gives no random bytes.
    pub fn seal(&self, place: &Place, plain: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let key = self.0.first().ok_or(CryptoError::Seal)?;
        let nonce: [u8; NONCE_BYTES] = random().map_err(|_| CryptoError::Seal)?;
        let payload = Payload { msg: plain, aad: &place.associated_data() };
        let sealed = key.cipher.encrypt(&XNonce::from(nonce), payload).map_err(|_| CryptoError::Seal)?;
        let mut out = vec![VERSION, u8::try_from(key.id.len()).map_err(|_| CryptoError::Seal)?];
        out.extend(key.id.as_bytes());
        out.extend(nonce);
        out.extend(sealed);
        Ok(out)
    }

    /// Opens what was sealed for this place.
    ///
    /// # Errors
    /// [`CryptoError::Open`] if it is damaged, was moved, or its key is gone.
    pub fn open(&self, place: &Place, sealed: &[u8]) -> Result<Vec<u8>, CryptoError> {
        self.try_open(place, sealed).ok_or(CryptoError::Open)
    }

    fn try_open(&self, place: &Place, sealed: &[u8]) -> Option<Vec<u8>> {
        let (&version, rest) = sealed.split_first()?;
        let (&id_bytes, rest) = rest.split_first()?;
        let (id, rest) = rest.split_at_checked(usize::from(id_bytes))?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE_BYTES>()?;
        let key = self.0.iter().find(|key| version == VERSION && key.id.as_bytes() == id)?;
        let payload = Payload { msg: sealed, aad: &place.associated_data() };
        key.cipher.decrypt(&XNonce::from(*nonce), payload).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Place {
        Place { table: "line", column: "credentials", tenant: Uuid::from_u128(1), row: Uuid::from_u128(2) }
    }

    #[test]
    fn opens_only_in_its_place_and_whole() {
        let ring = KeyRing::parse(&KeyRing::generate().unwrap()).unwrap();
        let sealed = ring.seal(&place(), b"token").unwrap();
        assert_eq!(ring.open(&place(), &sealed).unwrap(), b"token");
        for moved in [
            Place { table: "other", ..place() },
            Place { column: "other", ..place() },
            Place { tenant: Uuid::nil(), ..place() },
            Place { row: Uuid::nil(), ..place() },
        ] {
            assert_eq!(ring.open(&moved, &sealed), Err(CryptoError::Open));
        }
        for at in 0..sealed.len() {
            let mut flipped = sealed.clone();
            flipped[at] ^= 1;
            assert!(ring.open(&place(), &flipped).is_err(), "byte {at}");
            assert!(ring.open(&place(), &sealed[..at]).is_err(), "{at} bytes");
        }
    }

    #[test]
    fn rotates_and_reads_a_legacy_value() {
        let old = KeyRing::generate().unwrap();
        let sealed = KeyRing::parse(&old).unwrap().seal(&place(), b"x").unwrap();
        let new = format!("k2:{}", BASE64_STANDARD.encode([7; 32]));
        let both = KeyRing::parse(&format!("{new},{old}")).unwrap();
        assert_eq!(both.open(&place(), &sealed).unwrap(), b"x");
        assert_eq!(KeyRing::parse(&new).unwrap().open(&place(), &sealed), Err(CryptoError::Open));
        let legacy = "12345678901234567890123456789012";
        assert!(KeyRing::parse(legacy).is_err(), "cannot seal");
        assert!(KeyRing::parse(&format!("{legacy},{new}")).is_ok());
        for bad in ["", "k1:short", "k 1:AAAA", "plain"] {
            assert!(KeyRing::parse(bad).is_err(), "{bad}");
        }
    }
}
