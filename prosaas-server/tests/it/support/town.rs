use std::sync::Arc;

use prosaas_server::sandbox::{World, WorldLine};
use serde_json::{Value, json};
use whatsapp_core::{
    ProviderId,
    testing::{Fake, Inbound},
};

use super::{Client, Database, Relay, Server, server::free_port};

/// A server, the outside world, and one business per provider.
pub struct Town {
    pub server: Server,
    pub world: World,
    pub database: Database,
    pub businesses: Vec<Business>,
}

/// A business with one line.
#[derive(Clone, Debug)]
pub struct Business {
    pub id: String,
    pub provider: ProviderId,
    pub line: WorldLine,
    pub client: Client,
}

impl Town {
    /// Starts everything with the engine's short times: leases of 4 s, grace of 2 s.
    pub async fn start(database: Database) -> Self {
        Self::start_with(database, &Self::SHORT).await
    }

    /// The engine's short times. Sweeps keep their long ones: whoever tests them sets them.
    pub const SHORT: [(&str, &str); 4] = [
        ("LEASE_SECONDS", "4"),
        ("UNKNOWN_GRACE_SECONDS", "2"),
        ("UNKNOWN_LOOKUP_SECONDS", "1"),
        ("SEND_TIMEOUT_SECONDS", "2"),
    ];

    /// Starts everything with these variables besides the usual.
    pub async fn start_with(database: Database, environment: &[(&str, &str)]) -> Self {
        let port = free_port();
        let world = World::open(&format!("http://127.0.0.1:{port}")).await.unwrap();
        Self::start_in(world, port, database, environment).await
    }

    /// Starts everything but the outside world.
    pub async fn start_in(world: World, port: u16, database: Database, environment: &[(&str, &str)]) -> Self {
        let mut server = Server::new(&database, port);
        for (name, value) in Self::providers(&world) {
            server.set(name, value);
        }
        for (name, value) in environment {
            server.set(name, *value);
        }
        server.start().await;
        let mut town = Self { server, world, database, businesses: Vec::new() };
        for line in [Some(town.world.meta.clone()), Some(town.world.twilio.clone()), None] {
            let business = town.business(line).await;
            town.businesses.push(business);
        }
        town
    }

    /// What points a server at the fakes.
    pub fn providers(world: &World) -> Vec<(&'static str, String)> {
        let origin = |provider| world.fake(&provider).unwrap().url();
        vec![
            ("META_WA_APP_SECRET", world.app_secret.expose().to_owned()),
            ("META_WA_VERIFY_TOKEN", "verify-me".to_owned()),
            ("INTERNAL_SECRET", world.internal_secret.expose().to_owned()),
            ("META_GRAPH_BASE_URL", origin(whatsapp_meta::ID)),
            ("TWILIO_API_BASE_URL", origin(whatsapp_twilio::ID)),
            ("BAILEYS_BASE_URL", origin(whatsapp_baileys::ID)),
        ]
    }

    /// Makes a business and a key by the command line, and gives it `line` by the API; `None` links a phone.
    async fn business(&self, line: Option<WorldLine>) -> Business {
        let (id, client) = self.bare_business("Test").await;
        let line = line.unwrap_or_else(|| self.world.link_phone(&id, "Test phone"));
        Self::set_line(&client, &line).await;
        let provider = line.provider.clone();
        let chosen = client.patch("/api/business/settings", &json!({ "whatsapp_provider": provider })).await;
        assert_eq!(chosen.0, 200, "{}", chosen.1);
        Business { id, provider, line, client }
    }

    /// Gives a business this line, as its owner would.
    pub async fn set_line(client: &Client, line: &WorldLine) {
        let own = ["access_token", "phone_number_id", "account_sid", "auth_token", "from"];
        let settings: serde_json::Map<String, Value> = line
            .settings
            .iter()
            .filter(|(key, _)| own.contains(key))
            .map(|(key, value)| (key.to_owned(), value.expose().into()))
            .collect();
        let body = json!({ "provider": line.provider, "settings": settings });
        let (status, answer) = client.post("/api/whatsapp/config", &body).await;
        assert_eq!(status, 200, "{answer}");
    }

    /// A business without a line.
    pub async fn bare_business(&self, name: &str) -> (String, Client) {
        let made = self.server.run(&["business", "create", "--name", name, "--json"], "").await;
        let id = serde_json::from_str::<Value>(&made).unwrap()["id"].as_str().unwrap().to_owned();
        let made = self.server.run(&["key", "create", "--business", &id, "--json"], "").await;
        let key = serde_json::from_str::<Value>(&made).unwrap()["key"].as_str().unwrap().to_owned();
        (id, Client::new(&self.server.origin, &key))
    }

    /// A further key of a business, with these scopes.
    pub async fn key(&self, business: &str, scopes: &str) -> Client {
        let made = self.server.run(&["key", "create", "--business", business, "--scope", scopes, "--json"], "").await;
        let key = serde_json::from_str::<Value>(&made).unwrap()["key"].as_str().unwrap().to_owned();
        Client::new(&self.server.origin, &key)
    }

    /// An address of the server.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.server.origin)
    }

    pub fn meta(&self) -> &Business {
        &self.businesses[0]
    }

    pub fn twilio(&self) -> &Business {
        &self.businesses[1]
    }

    pub fn baileys(&self) -> &Business {
        &self.businesses[2]
    }

    /// Puts a relay between the server and Twilio, which can be closed.
    pub async fn relay_twilio(&mut self) -> Relay {
        let relay = Relay::open(&self.fake(self.twilio()).url()).await;
        self.server.stop().await;
        self.server.set("TWILIO_API_BASE_URL", relay.url());
        self.server.start().await;
        relay
    }

    pub fn fake(&self, business: &Business) -> &Arc<dyn Fake> {
        self.world.fake(&business.provider).unwrap()
    }

    /// A contact writes, and the provider delivers it as long as it must.
    pub fn writes(&self, business: &Business, id: &str, from: &str, body: &str) {
        self.fake(business).deliver(&business.line.line, &[Inbound::text(id, from, body)]);
    }
}
