//! How fast webhooks are acknowledged and applied, and messages sent, beside a bare axum handler on the same machine.
//!
//! `cargo bench -p prosaas-server` prints the tables of `docs/performance.md`. The server, and each bare handler, is a
//! process of its own; this one holds the client and the stand-in of Meta. `BENCH_POSTS` and `BENCH_SENDS` say how many
//! requests to make; with `TEST_POSTGRES_URL` Postgres is measured too.
use std::{
    io::Write,
    net::{Ipv4Addr, SocketAddr, TcpListener as StdListener},
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use axum::{Router, extract::State, http::HeaderMap, http::StatusCode, routing::post};
use bytes::Bytes;
use prosaas_server::clock::random;
use sea_orm::{ConnectionTrait, Database};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    process::{Child, Command},
    task::JoinSet,
};
use whatsapp_core::{
    HmacSha256, LineId, Secret,
    testing::{Fake, Inbound, Key, SignedRequest},
};
use whatsapp_meta::fake::{MetaFake, MetaFakeConfig, MetaFakeLine};

/// Connections that post webhooks.
const CONNECTIONS: usize = 32;
/// Callers who send, each of a business with a line of its own: one line may send 80 a second.
const CALLERS: usize = 16;
/// People who write.
const CONTACTS: usize = 1000;
/// Requests before the clock starts.
const WARM_UP: usize = 500;
const HOOK: &str = "/api/whatsapp/webhook/meta";
const SECRET: &str = "the app secret of this measurement";

fn main() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let mode = std::env::args().skip(1).find(|argument| argument.starts_with("bare"));
    match mode.as_deref() {
        Some("bare") => runtime.block_on(bare(Router::new().route(HOOK, post(async |_: Bytes| "OK")))),
        Some(_) => runtime.block_on(bare(verifying()?)),
        None => runtime.block_on(measure()),
    }
}

/// A handler that reads the body and checks its signature, and does nothing else.
fn verifying() -> anyhow::Result<Router> {
    async fn handle(State(keys): State<HmacSha256>, headers: HeaderMap, body: Bytes) -> (StatusCode, &'static str) {
        let given = headers.get("x-hub-signature-256").and_then(|value| value.to_str().ok()?.strip_prefix("sha256="));
        let mac = given.and_then(|text| hex::decode(text).ok()).unwrap_or_default();
        if keys.matches(&[&body], &mac) { (StatusCode::OK, "OK") } else { (StatusCode::UNAUTHORIZED, "") }
    }
    let keys = HmacSha256::new([Secret::from(SECRET)]).context("a secret")?;
    Ok(Router::new().route(HOOK, post(handle)).with_state(keys))
}

async fn bare(router: Router) -> anyhow::Result<()> {
    let port = option("PORT").context("PORT")?.parse()?;
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    Ok(axum::serve(listener, router).await?)
}

#[expect(clippy::disallowed_methods, reason = "a measurement's own options")]
fn option(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn count(name: &str, default: usize) -> anyhow::Result<usize> {
    option(name).map_or(Ok(default), |text| text.parse().with_context(|| format!("{name}: a number expected")))
}

async fn measure() -> anyhow::Result<()> {
    let (posts, sends) = (count("BENCH_POSTS", 20_000)?, count("BENCH_SENDS", 4_000)?);
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n{posts} webhooks of one message, {CONTACTS} contacts, {CONNECTIONS} connections\n")?;
    writeln!(out, "| server | acknowledged/s | p50 ms | p99 ms | share of bare + HMAC | applied/s |")?;
    writeln!(out, "|---|---|---|---|---|---|")?;
    let fake =
        MetaFake::start(MetaFakeConfig { webhook_target: None, lines: (0..CALLERS).map(number).collect() }).await?;
    let mut reference = 0.0;
    for (mode, title) in [("bare", "bare axum handler"), ("bare-hmac", "bare + HMAC")] {
        let process = Process::start_bare(mode).await?;
        let load = process.webhooks(&fake, posts).await?;
        reference = load.rate();
        writeln!(out, "| {title} | {} | – | – |", load.columns())?;
    }
    let mut sent = Vec::new();
    for (title, admin) in [("SQLite", None), ("Postgres", option("TEST_POSTGRES_URL"))] {
        if title == "Postgres" && admin.is_none() {
            writeln!(out, "\nPostgres was not measured: TEST_POSTGRES_URL is not set")?;
            continue;
        }
        let database = Scratch::open(admin).await?;
        let (process, keys) = Process::start_server(&database, &fake).await?;
        let load = process.webhooks(&fake, posts).await?;
        process.until_applied(keys.first().context("a key")?, posts + WARM_UP).await?;
        let applied = per_second(posts, load.began.elapsed());
        let share = 100.0 * load.rate() / reference;
        writeln!(out, "| prosaas-server, {title} | {} | {share:.1} % | {applied:.0} |", load.columns())?;
        sent.push((title, process.sends(&keys, sends).await?));
        ensure!(fake.accepted().len() >= sends, "the stand-in of Meta took fewer messages than were sent");
        drop(process);
        database.close().await?;
    }
    writeln!(out, "\n{sends} sends, {CALLERS} callers, each waits until its message is sent\n")?;
    writeln!(out, "| database | sent/s | p50 ms | p99 ms |\n|---|---|---|---|")?;
    for (title, load) in sent {
        writeln!(out, "| {title} | {} |", load.columns())?;
    }
    Ok(())
}

/// The number of caller `at`.
fn number(at: usize) -> MetaFakeLine {
    let mut line = MetaFakeLine::new(&format!("1065403522429{at:02}"));
    line.app_secret = SECRET.into();
    line
}

/// A process that answers HTTP.
struct Process {
    address: SocketAddr,
    _child: Child,
}

impl Process {
    async fn start(mut command: Command, address: SocketAddr) -> anyhow::Result<Self> {
        let child = command.kill_on_drop(true).spawn()?;
        let began = Instant::now();
        while TcpStream::connect(address).await.is_err() {
            ensure!(began.elapsed() < Duration::from_secs(30), "the server does not listen");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(Self { address, _child: child })
    }

    async fn start_bare(mode: &str) -> anyhow::Result<Self> {
        let address = free_address()?;
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(mode).env("PORT", address.port().to_string());
        Self::start(command, address).await
    }

    /// The server, one business per caller, and their keys.
    async fn start_server(database: &Scratch, fake: &MetaFake) -> anyhow::Result<(Self, Vec<String>)> {
        let address = free_address()?;
        let command = || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_prosaas-server"));
            command.env_clear().env("DATABASE_URL", &database.url).env("DATA_DIR", database.folder.path());
            command.env("PORT", address.port().to_string()).env("PUBLIC_BASE_URL", format!("http://{address}"));
            command.env("META_WA_APP_SECRET", SECRET).env("META_GRAPH_BASE_URL", fake.url());
            command.env("SEND_RATE_PER_MINUTE", "1000000").env("LOG", "error").env("WHATSAPP_PROVIDER", "meta");
            command
        };
        let mut keys = Vec::with_capacity(CALLERS);
        for at in 0..CALLERS {
            let made = output(command().args(["business", "create", "--name", "Measured"]), "").await?;
            let line = number(at);
            let (token, id) = (line.access_token.expose(), &line.phone_number_id);
            let settings = format!("access_token={token}\nphone_number_id={id}\n");
            output(command().args(["line", "set", "--provider", "meta", "--business", &made]), &settings).await?;
            keys.push(output(command().args(["key", "create", "--business", &made]), "").await?);
        }
        Ok((Self::start(command(), address).await?, keys))
    }

    /// Posts signed webhooks of one message each, all made before the clock starts.
    async fn webhooks(&self, fake: &MetaFake, posts: usize) -> anyhow::Result<Load> {
        let run = hex::encode(random::<4>()?);
        let line = LineId::from(number(0).phone_number_id);
        let message = |at: usize| {
            let from = format!("97250{:07}", at % CONTACTS);
            let body = format!("הודעה מספר {at}: אפשר לקבוע תור ליום ראשון?");
            let item =
                Inbound::Text { id: format!("wamid.{run}{at:08}"), from, name: Some("דנה כהן".to_owned()), body };
            fake.webhooks(&line, &[item], Key::Current).first().map(raw).context("a webhook")
        };
        let all = (0..posts + WARM_UP).map(message).collect::<anyhow::Result<Vec<_>>>()?;
        let (warm_up, counted) = all.split_at(WARM_UP);
        load(self.address, split(warm_up, CONNECTIONS), |_| Ok(())).await?;
        load(self.address, split(counted, CONNECTIONS), |_| Ok(())).await
    }

    /// Waits until so many messages of the key's business are to be read.
    async fn until_applied(&self, key: &str, expected: usize) -> anyhow::Result<()> {
        let request = api("GET", "/api/whatsapp/unread-count", key, "");
        let mut socket = TcpStream::connect(self.address).await?;
        loop {
            let (status, body) = exchange(&mut socket, &request).await?;
            ensure!(status == 200, "unread-count answers {status}");
            match serde_json::from_slice::<Value>(&body)?.get("count").and_then(Value::as_u64) {
                Some(count) if count == expected as u64 => return Ok(()),
                Some(count) if count < expected as u64 => tokio::time::sleep(Duration::from_millis(10)).await,
                other => bail!("{other:?} messages, {expected} were posted"),
            }
        }
    }

    async fn sends(&self, keys: &[String], sends: usize) -> anyhow::Result<Load> {
        let per_caller = |key: &String| -> Vec<Bytes> {
            let body = |at: usize| json!({ "to": format!("+97252{:07}", at % 50), "text": format!("תשובה {at}") });
            let send = |at| api("POST", "/api/whatsapp/send", key, &body(at).to_string());
            (0..sends / keys.len()).map(send).collect()
        };
        let taken = |body: &[u8]| {
            let answer: Value = serde_json::from_slice(body)?;
            ensure!(answer.get("status").and_then(Value::as_str) == Some("sent"), "not sent: {answer}");
            Ok(())
        };
        load(self.address, keys.iter().map(per_caller).collect(), taken).await
    }
}

/// A database of this measurement's own.
struct Scratch {
    url: String,
    folder: TempDir,
    admin: Option<(String, String)>,
}

impl Scratch {
    async fn open(admin: Option<String>) -> anyhow::Result<Self> {
        let folder = TempDir::new()?;
        let Some(admin) = admin else {
            let url = format!("sqlite:{}", folder.path().join("bench.db").display());
            return Ok(Self { url, folder, admin: None });
        };
        let name = format!("bench_{}", hex::encode(random::<8>()?));
        Database::connect(&admin).await?.execute_unprepared(&format!("CREATE DATABASE {name}")).await?;
        let mut url: url::Url = admin.parse()?;
        url.set_path(&name);
        Ok(Self { url: url.into(), folder, admin: Some((admin, name)) })
    }

    async fn close(self) -> anyhow::Result<()> {
        if let Some((admin, name)) = &self.admin {
            let drop = format!("DROP DATABASE {name} WITH (FORCE)");
            Database::connect(admin).await?.execute_unprepared(&drop).await?;
        }
        Ok(())
    }
}

fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(StdListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

async fn output(command: &mut Command, input: &str) -> anyhow::Result<String> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    child.stdin.take().context("standard input")?.write_all(input.as_bytes()).await?;
    let output = child.wait_with_output().await?;
    ensure!(output.status.success(), "a command of the server failed");
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

fn raw(webhook: &SignedRequest) -> Bytes {
    let mut head =
        format!("{} {HOOK} HTTP/1.1\r\nhost: bench\r\ncontent-length: {}\r\n", webhook.method, webhook.body.len());
    for (name, value) in webhook.headers.iter().filter_map(|(name, value)| Some((name, value.to_str().ok()?))) {
        head.extend([name.as_str(), ": ", value, "\r\n"]);
    }
    head.push_str("\r\n");
    [head.as_bytes(), &webhook.body].concat().into()
}

fn api(method: &str, path: &str, key: &str, body: &str) -> Bytes {
    let length = body.len();
    format!("{method} {path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {key}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}").into()
}

fn split(requests: &[Bytes], connections: usize) -> Vec<Vec<Bytes>> {
    (0..connections).map(|first| requests.iter().skip(first).step_by(connections).cloned().collect()).collect()
}

/// What a load came to.
struct Load {
    began: Instant,
    took: Duration,
    /// Sorted.
    waits: Vec<Duration>,
}

impl Load {
    fn rate(&self) -> f64 {
        per_second(self.waits.len(), self.took)
    }

    fn wait_ms(&self, hundredth: usize) -> f64 {
        let at = (self.waits.len() * hundredth / 100).min(self.waits.len().saturating_sub(1));
        self.waits.get(at).map_or(0.0, |wait| wait.as_secs_f64() * 1000.0)
    }

    fn columns(&self) -> String {
        format!("{:.0} | {:.1} | {:.1}", self.rate(), self.wait_ms(50), self.wait_ms(99))
    }
}

fn per_second(count: usize, time: Duration) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from) / time.as_secs_f64()
}

/// Makes each list of requests on a connection of its own, one after the other; all must be answered with 200.
async fn load(
    address: SocketAddr,
    lists: Vec<Vec<Bytes>>,
    good: impl Fn(&[u8]) -> anyhow::Result<()> + Copy + Send + 'static,
) -> anyhow::Result<Load> {
    let mut sockets = Vec::with_capacity(lists.len());
    for list in lists {
        let socket = TcpStream::connect(address).await?;
        socket.set_nodelay(true)?;
        sockets.push((socket, list));
    }
    let mut work = JoinSet::new();
    let began = Instant::now();
    for (mut socket, list) in sockets {
        work.spawn(async move {
            let mut waits = Vec::with_capacity(list.len());
            for request in list {
                let asked = Instant::now();
                let (status, body) = exchange(&mut socket, &request).await?;
                ensure!(status == 200, "answered {status}: {}", String::from_utf8_lossy(&body));
                good(&body)?;
                waits.push(asked.elapsed());
            }
            Ok(waits)
        });
    }
    let mut waits = Vec::new();
    while let Some(done) = work.join_next().await {
        waits.extend(done??);
    }
    let took = began.elapsed();
    waits.sort_unstable();
    Ok(Load { began, took, waits })
}

/// One request and its answer: as little HTTP as it takes, because the client shares its cores with the server.
async fn exchange(socket: &mut TcpStream, request: &[u8]) -> anyhow::Result<(u16, Vec<u8>)> {
    socket.write_all(request).await?;
    let mut answer = Vec::with_capacity(1024);
    let head_end = loop {
        ensure!(socket.read_buf(&mut answer).await? > 0, "the server closed the connection");
        if let Some(at) = answer.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
    };
    let mut body = answer.split_off(head_end);
    let head = String::from_utf8(answer)?.to_ascii_lowercase();
    let status = head.split(' ').nth(1).context("no status")?.parse()?;
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    let length: usize = length.context("no content-length")?.trim().parse()?;
    while body.len() < length {
        ensure!(socket.read_buf(&mut body).await? > 0, "the server closed the connection");
    }
    Ok((status, body))
}
