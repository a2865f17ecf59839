//! The whole server inside another program: its routes beside those of the program, on one port.
#![expect(clippy::print_stdout, reason = "an example talks to a person")]

use std::{env, error::Error, process, time::Duration};

use axum::{Router, http::Method, routing::get};
use prosaas_server::{App, Config, Environment, domain::Permission, router};
use tokio::net::TcpListener;
use whatsapp_core::{ProviderId, client::HttpClient};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let origin = format!("http://{}", listener.local_addr()?);
    let folder = env::temp_dir().join(format!("embed_server-{}", process::id()));

    // The fields are the variables of `prosaas-server --help`; what is absent has its default.
    let environment = Environment {
        data_dir: Some(folder.display().to_string()),
        public_base_url: Some(origin.clone()),
        whatsapp_provider: Some("meta".to_owned()),
        deploy_id: Some("embedded".to_owned()),
        ..Environment::default()
    };
    // All problems at once, if there are any.
    let app = App::build(Config::read(&environment)?).await?;

    // What `business create` and `key create` do on the command line.
    let business = app.store.create_business("סטודיו אור", None).await?.ok_or("the domain is taken")?;
    let key = app.store.create_key(business, "example", &Permission::ALL).await?.ok_or("no such business")?.key;

    let own = Router::new().route("/hello", get(async || "hello from the program around it"));
    let routes = router(app.clone()).merge(own);
    let stop = app.stop.clone();
    let server = tokio::spawn(app.serve(listener, routes));

    let client = HttpClient::new(ProviderId::new("example"), Duration::from_secs(5))?;
    for path in ["/hello", "/version", "/api/business/settings"] {
        let request = client.request(Method::GET, &format!("{origin}{path}"));
        let answer = client.send(request.header("authorization", format!("Bearer {key}"))).await?;
        println!("{path}: {} {}", answer.status, String::from_utf8_lossy(&answer.body));
    }

    // Lets requests and sends under way end, then hands the lines over.
    stop.cancel();
    server.await??;
    println!("stopped");
    Ok(std::fs::remove_dir_all(folder)?)
}
