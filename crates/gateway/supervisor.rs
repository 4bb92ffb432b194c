//! What systemd is told of a gateway (`sd_notify(3)`). Without systemd, all of this does nothing.

use sd_notify::NotifyState;
use tracing::warn;

/// The gateway serves.
pub fn ready() {
    tell(&[NotifyState::Ready]);
}

/// The gateway reads its configuration again. [`ready`] is to follow, whether it could be applied or not.
pub fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(error) => warn!(%error, "systemd isn't told of the reload, since the clock can't be read"),
    }
}

/// The shutdown has begun.
pub fn stopping() {
    tell(&[NotifyState::Stopping]);
}

/// Another process goes on as the service. This one may end then.
pub fn succeeded_by(pid: u32) {
    tell(&[NotifyState::MainPid(pid), NotifyState::Ready]);
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        warn!(%error, "systemd can't be told");
    }
}
