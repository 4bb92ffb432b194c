//! `Address`: where the server is, and how it is connected to.

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, RedisResult};
use tokio::task::JoinSet;

use crate::config::Redis;

/// Where the server is, and how it is connected to.
pub(super) struct Address {
    client: Client,
    #[cfg(feature = "tls")]
    secured: Option<secured::Secured>,
}

/// A connection, and what drives it as long as this is there.
pub(super) struct Connected {
    pub(super) connection: MultiplexedConnection,
    pub(super) driving: JoinSet<()>,
}

impl Address {
    /// `None` if the URL can't be used, or asks for TLS and nobody says whom to trust. The configuration has checked both.
    pub(super) fn of(config: &Redis) -> Option<Self> {
        let without_tls = config.url_without_tls();
        #[cfg(feature = "tls")]
        let may_be_secured = config.tls.is_some();
        #[cfg(not(feature = "tls"))]
        let may_be_secured = false;
        if without_tls.is_some() && !may_be_secured {
            return None;
        }
        let client = Client::open(without_tls.as_deref().unwrap_or(config.url.expose())).ok()?;
        Some(Self {
            #[cfg(feature = "tls")]
            secured: match &config.tls {
                Some(tls) => Some(secured::Secured::of(tls, client.get_connection_info())?),
                None => None,
            },
            client,
        })
    }

    pub(super) async fn connect(&self, config: AsyncConnectionConfig) -> RedisResult<Connected> {
        #[cfg(feature = "tls")]
        if let Some(secured) = &self.secured {
            return secured.connect(self.client.get_connection_info().redis_settings(), config).await;
        }
        let connection = self.client.get_multiplexed_async_connection_with_config(&config).await?;
        Ok(Connected { connection, driving: JoinSet::new() })
    }
}

/// The server, without passwords.
impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.client.get_connection_info().addr().fmt(f)
    }
}

/// TLS by the gateway's own rustls, with what the file says of trust.
#[cfg(feature = "tls")]
mod secured {
    use std::sync::Arc;

    use redis::{ConnectionAddr, ConnectionInfo, RedisConnectionInfo};
    use rustls::pki_types::ServerName;
    use tokio::net::TcpStream;
    use tokio_rustls::TlsConnector;

    use super::{AsyncConnectionConfig, Connected, JoinSet, MultiplexedConnection, RedisResult};
    use crate::config::Tls;

    pub(super) struct Secured {
        place: (String, u16),
        name: ServerName<'static>,
        connector: TlsConnector,
    }

    impl Secured {
        pub(super) fn of(tls: &Tls, server: &ConnectionInfo) -> Option<Self> {
            let ConnectionAddr::Tcp(host, port) = server.addr() else { return None };
            let name = match &tls.server_name {
                Some(name) => name.clone(),
                None => ServerName::try_from(host.clone()).ok()?,
            };
            let connector = TlsConnector::from(Arc::clone(tls.client()));
            Some(Self { place: (host.clone(), *port), name, connector })
        }

        pub(super) async fn connect(
            &self,
            settings: &RedisConnectionInfo,
            config: AsyncConnectionConfig,
        ) -> RedisResult<Connected> {
            let stream = TcpStream::connect(&self.place).await?;
            stream.set_nodelay(true)?;
            let stream = self.connector.connect(self.name.clone(), stream).await?;
            let (connection, driver) =
                MultiplexedConnection::new_with_config(settings, stream, config).await?;
            let mut driving = JoinSet::new();
            driving.spawn(driver);
            Ok(Connected { connection, driving })
        }
    }
}

#[cfg(all(test, feature = "tls"))]
mod tests {
    use super::*;

    #[test]
    fn nobody_who_asks_for_tls_is_connected_without() {
        let secured = Redis::at("rediss://:secret@127.0.0.1:1");
        assert!(Address::of(&secured).is_some());
        assert!(Address::of(&Redis { tls: None, ..secured }).is_none());
    }
}
