//! Tunnels: what becomes of a connection after an upgrade.
//!
//! - `tunnels`: counts the tunnels, and tells them to end.
//! - `pump`, `way`: copy the bytes, and say goodbye.
//! - `frames`, `goodbye`: as much of WebSockets as that takes.
//! - `guards`: what is kept until a tunnel ends.

mod frames;
mod goodbye;
mod guards;
mod pump;
mod tunnels;
mod way;

use std::time::Duration;

use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{sleep, sleep_until};

pub(crate) use self::guards::Guards;
pub use self::guards::Tunnel;
use self::pump::Pump;
pub(crate) use self::pump::Spoken;
pub(crate) use self::tunnels::OpenTunnel;
use self::tunnels::Order;
pub use self::tunnels::Tunnels;
use crate::error::BoxError;
use crate::idle::after;
use crate::telemetry;

/// How long a goodbye may take.
const GOODBYE: Duration = Duration::from_secs(1);

/// What ends a tunnel, and ends with it.
pub(crate) struct Ends {
    pub(crate) idle: Duration,
    pub(crate) open: OpenTunnel,
    pub(crate) guards: Guards,
}

/// Copies bytes in both directions, and passes on the end of each. Ends when both directions have ended, when no byte
/// was read for `idle`, or when the tunnels are closed.
pub(crate) async fn run<U: AsyncRead + AsyncWrite + Unpin>(
    client: OnUpgrade,
    upstream: impl Future<Output = Result<U, BoxError>>,
    spoken: Spoken,
    ends: Ends,
) {
    let Ends { idle, open, guards: _guards } = ends;
    let joined = async { tokio::try_join!(async { Ok(client.await?) }, upstream) };
    let (client, upstream) = tokio::select! {
        joined = joined => match joined {
            Ok(both) => both,
            Err(error) => return log(&format!("broken: {error}")),
        },
        () = sleep_until(after(idle)) => return log("idle"),
        () = open.told(Order::SayGoodbye) => return log("shutting down"),
    };
    let mut pump = Pump::new(TokioIo::new(client), upstream, spoken);
    tokio::select! {
        passed = pump.pass(idle) => return match passed {
            Some(Ok(())) => log("both ends are done"),
            Some(Err(error)) => log(&format!("broken: {error}")),
            None => log("idle"),
        },
        () = open.told(Order::SayGoodbye) => {}
    }
    tokio::select! {
        biased;
        // Also if there is no time: what can be sent at once is sent.
        () = pump.say_goodbye() => log("shut down"),
        () = open.told(Order::Cut) => log("cut off"),
        () = sleep(GOODBYE) => log("shut down, though the goodbye took too long"),
    }
}

fn log(end: &str) {
    tracing::debug!(target: telemetry::TUNNEL, end, "closed");
}

#[cfg(test)]
mod tests;
