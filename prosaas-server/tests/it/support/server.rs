use std::{
    collections::BTreeMap,
    net::TcpListener,
    process::Stdio,
    time::{Duration, Instant},
};

use tokio::{
    io::AsyncWriteExt,
    process::{Child, Command},
};

use super::Database;

const BINARY: &str = env!("CARGO_BIN_EXE_prosaas-server");

/// A server process.
#[derive(Debug)]
pub struct Server {
    pub origin: String,
    environment: BTreeMap<String, String>,
    child: Option<Child>,
}

/// A port that nobody uses now, of those that the system never hands out by itself: it stays free while its server is down.
pub fn free_port() -> u16 {
    loop {
        let port = 10_000 + u16::from_be_bytes(prosaas_server::clock::random().unwrap()) % 22_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

impl Server {
    /// A server that is not started yet; nothing of the test's own environment reaches it.
    pub fn new(database: &Database, port: u16) -> Self {
        let origin = format!("http://127.0.0.1:{port}");
        let environment = [
            ("DATABASE_URL", database.url.clone()),
            ("DATA_DIR", database.folder.path().display().to_string()),
            ("PORT", port.to_string()),
            ("PUBLIC_BASE_URL", origin.clone()),
            ("LOG", "warn".to_owned()),
            ("SEND_RATE_PER_MINUTE", "100000".to_owned()),
        ];
        let environment = environment.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Self { origin, environment, child: None }
    }

    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.environment.insert(name.to_owned(), value.into());
    }

    fn command(&self) -> Command {
        let mut command = Command::new(BINARY);
        command.env_clear().envs(&self.environment).kill_on_drop(true);
        command
    }

    /// Starts, and waits until it is ready.
    pub async fn start(&mut self) {
        let child = self.command().stdout(Stdio::inherit()).stderr(Stdio::inherit()).spawn().unwrap();
        self.child = Some(child);
        let began = Instant::now();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        loop {
            let ready = client.get(format!("{}/readyz", self.origin)).send().await;
            if ready.is_ok_and(|answer| answer.status().is_success()) {
                return;
            }
            if let Some(status) = self.child.as_mut().unwrap().try_wait().unwrap() {
                panic!("the server ended: {status}");
            }
            assert!(began.elapsed() < Duration::from_secs(30), "the server is not ready");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// kill -9.
    pub async fn kill(&mut self) {
        let mut child = self.child.take().expect("a running server");
        child.start_kill().unwrap();
        child.wait().await.unwrap();
    }

    /// SIGTERM, then waits for the end.
    pub async fn stop(&mut self) {
        let mut child = self.child.take().expect("a running server");
        let id = child.id().unwrap().to_string();
        Command::new("kill").args(["-TERM", &id]).status().await.unwrap();
        let ended = tokio::time::timeout(Duration::from_secs(30), child.wait()).await;
        ended.expect("the server stops within 30 s").unwrap();
    }

    /// Runs a command of the command line with this server's environment; its standard output.
    pub async fn run(&self, arguments: &[&str], input: &str) -> String {
        let mut child = self.command().args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).await.unwrap();
        let output = child.wait_with_output().await.unwrap();
        assert!(output.status.success(), "{arguments:?} failed");
        String::from_utf8(output.stdout).unwrap()
    }
}
