use std::path::PathBuf;

/// The folder of further samples of `provider`: what the environment variable `EXTRA_FIXTURES` names, or the folder
/// of the provider's name in it. `None` if there is no such folder.
#[must_use]
pub fn extra_fixtures(provider: &str) -> Option<PathBuf> {
    let named = PathBuf::from(std::env::var_os("EXTRA_FIXTURES")?);
    let within = named.join(provider);
    if within.is_dir() { Some(within) } else { Some(named).filter(|folder| folder.ends_with(provider)) }
}
