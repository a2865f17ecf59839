use std::{
    io::Write,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, bail};
use clap::Args;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use whatsapp_core::{Status, testing::Inbound};

use super::{World, WorldLine, api};
use crate::{
    app::App,
    cli::stop_on_signal,
    config::{Config, Environment},
    domain::{BusinessId, Permission},
    store::{
        Store,
        repo::{
            ProviderChange, SettingsChange,
            line::{LineSet, Origin},
        },
    },
    telemetry, web,
};

/// Options of the demo.
#[derive(Args, Debug)]
pub struct DemoArgs {
    /// Port to listen on
    #[arg(long, default_value_t = 5000)]
    pub port: u16,
    /// Folder for the demo's database; emptied at every start
    #[arg(long, default_value = "./data/demo")]
    pub folder: PathBuf,
    /// What to log
    #[arg(long, default_value = "warn")]
    pub log_level: String,
}

/// What `demo.json` tells `simulate`.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct DemoFile {
    pub(super) url: String,
    pub(super) token: String,
    pub(super) businesses: Vec<DemoBusiness>,
}

/// A business of the demo.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct DemoBusiness {
    pub(super) id: BusinessId,
    pub(super) name: String,
    pub(super) provider: Option<String>,
    pub(super) line: Option<String>,
    pub(super) key: String,
}

/// Runs the demo until Ctrl-C.
///
/// # Errors
/// If real credentials are in the environment, or the port or folder cannot be used.
pub async fn demo(args: DemoArgs, environment: &Environment) -> anyhow::Result<()> {
    if environment.meta_wa_access_token.is_some() || environment.twilio_auth_token.is_some() {
        bail!(
            "real credentials are in the environment; the demo must not meet them: unset META_WA_ACCESS_TOKEN and TWILIO_AUTH_TOKEN"
        );
    }
    telemetry::init(&args.log_level, false)?;
    let listener = TcpListener::bind(("127.0.0.1", args.port)).await;
    let listener = listener.with_context(|| format!("port {} is in use; choose another with --port", args.port))?;
    let url = format!("http://{}", listener.local_addr()?);
    let world = World::open(&url).await?;
    empty(&args.folder)?;
    let app = App::build(config(&args, &url, &world)?).await?;
    let businesses = seed(&app, &world).await?;
    let file = DemoFile { token: hex::encode(crate::clock::random::<16>()?), url, businesses };
    write_file(&args.folder, &file)?;
    stop_on_signal(&app).await?;
    let router = web::router(app.clone()).merge(api::router(world.clone(), file.token.clone()));
    announce(&file, listener.local_addr()?)?;
    tokio::spawn(first_messages(world));
    app.serve(listener, router).await
}

/// A demo begins anew; it must not begin upon somebody's data, or under a demo that runs.
fn empty(folder: &Path) -> anyhow::Result<()> {
    let database = folder.join("prosaas.db");
    if database.exists() && !folder.join("demo.json").exists() {
        bail!("{} holds a database that no demo made; choose another --folder", folder.display());
    }
    std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let _alone = crate::data_lock::hold(&crate::store::DatabaseUrl::file(&database))?;
    for name in ["prosaas.db", "prosaas.db-wal", "prosaas.db-shm"] {
        match std::fs::remove_file(folder.join(name)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(())
}

fn config(args: &DemoArgs, url: &str, world: &World) -> anyhow::Result<Config> {
    let origin = |provider| world.fake(provider).map(|fake| fake.url());
    let environment = Environment {
        data_dir: Some(args.folder.display().to_string()),
        public_base_url: Some(url.to_owned()),
        meta_wa_app_secret: Some(world.app_secret.expose().to_owned()),
        internal_secret: Some(world.internal_secret.expose().to_owned()),
        meta_graph_base_url: origin(&whatsapp_meta::ID),
        twilio_api_base_url: origin(&whatsapp_twilio::ID),
        baileys_base_url: origin(&whatsapp_baileys::ID),
        deploy_id: Some("demo".to_owned()),
        ..Environment::default()
    };
    Ok(Config::read(&environment)?)
}

async fn seed(app: &App, world: &World) -> anyhow::Result<Vec<DemoBusiness>> {
    let mut made = vec![
        business(app, "סטודיו אור", Some(&world.meta)).await?,
        business(app, "מרפאת חיוך", Some(&world.twilio)).await?,
        business(app, "פרחי הגליל", None).await?,
        business(app, "העסק החדש", None).await?,
    ];
    if let Some(florist) = made.get_mut(2) {
        let line = world.link_phone(&florist.id.to_string(), &florist.name);
        set_line(&app.store, florist.id, &line).await?;
        florist.provider = Some(line.provider.to_string());
        florist.line = Some(line.line.to_string());
    }
    app.book.refresh().await?;
    app.leases.renew().await?;
    Ok(made)
}

async fn business(app: &App, name: &str, line: Option<&WorldLine>) -> anyhow::Result<DemoBusiness> {
    let id = app.store.create_business(name, None).await?.context("a domain is taken")?;
    let key = app.store.create_key(id, "demo", &Permission::ALL).await?.context("the business is gone")?.key;
    if let Some(line) = line {
        set_line(&app.store, id, line).await?;
    }
    Ok(DemoBusiness {
        id,
        name: name.to_owned(),
        provider: line.map(|line| line.provider.to_string()),
        line: line.map(|line| line.line.to_string()),
        key,
    })
}

async fn set_line(store: &Store, business: BusinessId, line: &WorldLine) -> anyhow::Result<()> {
    let tenant = store.tenant(business);
    let provider = line.provider.as_str();
    if tenant.set_line(provider, line.line.as_str(), &line.settings, Origin::Config).await? == LineSet::Taken {
        bail!("a number of the demo is taken");
    }
    let change = SettingsChange { provider: ProviderChange::To(provider.to_owned()), ..SettingsChange::default() };
    tenant.change_settings(change).await?;
    Ok(())
}

/// Some contacts write, so that there is something to see.
async fn first_messages(world: World) {
    let said = [
        ("972501110001", "דנה כהן", "היי, אפשר לקבוע תור ליום ראשון? 🙂"),
        ("972501110002", "Amir Levi", "Hi, what are your opening hours?"),
        ("972501110003", "נועה ברק", "תודה רבה על השירות! ❤️"),
    ];
    let lines = [(&world.meta.provider, &world.meta.line), (&world.twilio.provider, &world.twilio.line)];
    for (provider, line) in lines {
        let Some(fake) = world.fake(provider) else { continue };
        fake.follow_with(vec![Status::Sent, Status::Delivered]);
        for (from, name, body) in said {
            let id = super::api::message_id(provider);
            let item = Inbound::Text { id, from: from.to_owned(), name: Some(name.to_owned()), body: body.to_owned() };
            fake.deliver(line, &[item]);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

fn write_file(folder: &Path, file: &DemoFile) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let path = folder.join("demo.json");
    std::fs::write(&path, serde_json::to_vec_pretty(file)?)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
    Ok(())
}

fn announce(file: &DemoFile, address: SocketAddr) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\nProSaaS WhatsApp demo — {}\n", file.url)?;
    for business in &file.businesses {
        let provider = business.provider.as_deref().unwrap_or("nothing configured");
        writeln!(out, "  {:<14} {provider:<20} key {}", business.name, business.key)?;
    }
    let key = file.businesses.first().map(|business| business.key.as_str()).unwrap_or_default();
    writeln!(out, "\nTry, in another terminal:\n")?;
    writeln!(out, "  export KEY={key}")?;
    writeln!(out, "  curl -H \"Authorization: Bearer $KEY\" {}/api/conversations", file.url)?;
    writeln!(
        out,
        "  cargo run -q -p prosaas-server -- simulate inbound --provider meta --from 972501234567 --text 'שלום, אפשר פרטים?'"
    )?;
    writeln!(
        out,
        "  curl -H \"Authorization: Bearer $KEY\" -H 'Content-Type: application/json' -d '{{\"to\":\"050-123-4567\",\"text\":\"בשמחה! 🙂\"}}' http://{address}/api/whatsapp/send\n"
    )?;
    Ok(out.flush()?)
}
