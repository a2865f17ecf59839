use std::{convert::Infallible, io, net::SocketAddr, sync::Arc};

use axum::{
    Router,
    body::Body,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpListener, sync::Notify, task::JoinHandle};
use tower::ServiceExt;

/// A fake's HTTP server on a loopback port of its own. Dropping it closes the port.
#[derive(Debug)]
pub struct Stage {
    address: SocketAddr,
    task: JoinHandle<()>,
}

/// Cuts the connection that a request came by; a request extension on every [`Stage`].
#[derive(Clone, Debug, Default)]
pub struct Hangup(Arc<Notify>);

impl Hangup {
    /// Cuts the connection; never comes back where a [`Stage`] serves the request.
    pub async fn now(&self) -> Response {
        self.0.notify_one();
        std::future::pending::<()>().await;
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    }
}

impl Stage {
    /// Serves `router` on `127.0.0.1`.
    ///
    /// # Errors
    /// If no port can be opened.
    pub async fn open(router: Router) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let task = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(serve(router.clone(), socket));
            }
        });
        Ok(Self { address, task })
    }

    /// Its origin: `http://127.0.0.1:port`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(router: Router, socket: tokio::net::TcpStream) {
    let hangup = Hangup::default();
    let service = service_fn(|request: Request<Incoming>| {
        let (router, hangup) = (router.clone(), hangup.clone());
        async move {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(hangup);
            Ok::<_, Infallible>(router.oneshot(request).await.unwrap_or_else(|never| match never {}))
        }
    });
    tokio::select! {
        _ = http1::Builder::new().serve_connection(TokioIo::new(socket), service) => {}
        () = hangup.0.notified() => {}
    }
}
