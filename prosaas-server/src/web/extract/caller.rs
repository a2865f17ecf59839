use std::{
    marker::PhantomData,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{Extensions, HeaderMap, StatusCode, header, request::Parts},
};

use super::super::ApiError;
use crate::{
    app::App,
    domain::{Permission, Principal},
    store::TenantStore,
};

/// The address at the other end of the connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) IpAddr);

impl Peer {
    pub(crate) fn of(extensions: &Extensions) -> Self {
        let info = extensions.get::<ConnectInfo<SocketAddr>>();
        Self(info.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| info.0.ip()))
    }

    /// Whom the request came from, behind the proxies of the installation: whose failures are counted.
    pub(crate) fn client(self, app: &App, headers: &HeaderMap) -> IpAddr {
        app.config.trusted_proxies.client(self.0, headers)
    }
}

/// A permission as a type.
pub(crate) trait Needs: std::marker::Send + Sync + 'static {
    const PERMISSION: Permission;
}

macro_rules! permissions {
    ($($name:ident),*) => { $(
        /// Marker of the permission with this name.
        pub(crate) struct $name;

        impl Needs for $name {
            const PERMISSION: Permission = Permission::$name;
        }
    )* };
}
permissions!(Read, Send, Configure);

/// A caller who may do `P`. Every handler names what it needs by this; without it a handler knows no business.
pub(crate) struct Can<P>(pub(crate) Principal, PhantomData<P>);

impl<P> Can<P> {
    /// The database as the caller's business sees it.
    pub(crate) fn tenant<'a>(&self, app: &'a App) -> TenantStore<'a> {
        app.store.tenant(self.0.business)
    }
}

impl<P: Needs> FromRequestParts<App> for Can<P> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let principal = match bearer(parts) {
            Some(key) => app.store.principal(key).await?,
            None => None,
        };
        let Some(principal) = principal else { return Err(unauthenticated(parts, app)) };
        app.limits.request(principal.key)?;
        if !principal.may(P::PERMISSION) {
            let text = format!("this key lacks the scope `{}`", P::PERMISSION.as_str());
            return Err(ApiError::new(StatusCode::FORBIDDEN, "forbidden", text));
        }
        Ok(Self(principal, PhantomData))
    }
}

fn bearer(parts: &Parts) -> Option<&str> {
    let value = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, key) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
}

fn unauthenticated(parts: &Parts, app: &App) -> ApiError {
    if !app.limits.failure(Peer::of(&parts.extensions).client(app, &parts.headers)) {
        return ApiError::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too_many_requests",
            "too many failed requests; come back later",
        );
    }
    ApiError::new(StatusCode::UNAUTHORIZED, "unauthenticated", "a valid API key is needed")
        .with_advice("Send `Authorization: Bearer psk_…`; make a key with `prosaas-server key create`.")
}
