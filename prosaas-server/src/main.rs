//! The server's command line.
use clap::Parser;
use prosaas_server::cli::{self, Cli};

fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(cli::run(cli))
}
