//! The log: one line per event, to standard output.
use tracing_subscriber::{EnvFilter, fmt, prelude::*};

/// Opens the log. A second call in the same process changes nothing.
///
/// # Errors
/// If `filter` cannot be read.
pub fn init(filter: &str, json: bool) -> anyhow::Result<()> {
    // A web framework's own words are noise below warnings.
    let filter = EnvFilter::try_new(format!("warn,prosaas_server={filter},whatsapp={filter}"))
        .or_else(|_| EnvFilter::try_new(filter))?;
    let registry = tracing_subscriber::registry().with(filter);
    // Whoever embeds the server may have opened a log of their own.
    let _ = if json { registry.with(fmt::layer().json()).try_init() } else { registry.with(fmt::layer()).try_init() };
    Ok(())
}
