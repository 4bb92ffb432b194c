use std::{fmt, time::Duration};

use crate::{
    clock::Moment,
    sync::{AtomicU64, Ordering},
};

/// One retry, in the unit that is counted in.
const TOKEN: u64 = 1_000;

/// The word's lower bits are the tokens, those above the tick they were last settled at.
const TOKEN_BITS: u32 = 28;
const MOST_TOKENS: u64 = (1 << TOKEN_BITS) - 1;

/// After 43 years of ticks at their shortest, 217 years by default. From then on time adds and takes nothing.
const LAST_TICK: u64 = u64::MAX >> TOKEN_BITS;

const TICKS_A_WINDOW: u64 = 100;

/// After so many ticks less than one unit of the most that can be stored is left: 0.99^2,000 < 2^-28.
const TICKS_TO_REST: u64 = 2_000;

/// How many retries a pool may make: a share of its requests, so that retries can't make an outage worse (Google,
/// "Site Reliability Engineering", chapter 21, "Handling Overload").
///
/// Each request stores `percent` hundredths of a retry and each second stores `min_per_second`, and what is not used
/// fades over `window`: by a hundredth in each hundredth of the window. A pool whose requests are steady has stored its
/// share of the last window's worth of them, and the minimum's. It begins with the minimum's alone.
///
/// Over any time, whatever the threads do: retries <= `percent` / 100 x requests + `min_per_second` x seconds (rounded up
/// to hundredths of the window) + what was stored when it began. No more than 268,435 retries are ever stored.
///
/// One atomic word: a request costs one compare-and-swap, repeated where another thread came first. A clone has the same
/// settings, and a budget of its own that begins anew.
//
// On cache lines of its own (two, as they are fetched in pairs): every request writes here.
#[repr(align(128))]
pub struct Budget {
    purse: AtomicU64,
    settings: Settings,
}

#[derive(Clone, Copy, Debug)]
struct Settings {
    percent: u32,
    min_per_second: u32,
    window: Duration,
}

impl Budget {
    /// A fifth of the requests of the last 10 seconds, and 3 retries a second in any case.
    pub fn new() -> Self {
        Self::of(Settings { percent: 20, min_per_second: 3, window: Duration::from_secs(10) })
    }

    /// Retries for every 100 requests. 0 leaves only the minimum.
    pub fn percent(self, percent: u32) -> Self {
        Self::of(Settings { percent, ..self.settings })
    }

    /// Retries that a pool with next to no requests may make in a second; up to a third less where a window stores only
    /// one or two, as what is being saved up fades too. 0 leaves only the share.
    pub fn min_per_second(self, min_per_second: u32) -> Self {
        Self::of(Settings { min_per_second, ..self.settings })
    }

    /// How long what isn't used lasts; less than 2 seconds count as 2, more than 60 as 60.
    pub fn window(self, window: Duration) -> Self {
        let window = window.clamp(Duration::from_secs(2), Duration::from_secs(60));
        Self::of(Settings { window, ..self.settings })
    }

    fn of(settings: Settings) -> Self {
        // At rest nothing changes until the first request, so the clock need not be asked when it was.
        let purse = Purse { tick: 0, tokens: settings.reserve() };
        Self { purse: AtomicU64::new(purse.packed()), settings }
    }

    /// Stores one request's share: once for each request, not for its retries.
    pub(crate) fn deposit(&self, now: Moment) {
        self.change(now, |tokens| Some((tokens + self.settings.deposit()).min(MOST_TOKENS)));
    }

    /// Takes what one retry costs; false if so much isn't stored, and then there must be no retry.
    #[must_use]
    pub(crate) fn withdraw(&self, now: Moment) -> bool {
        self.change(now, |tokens| tokens.checked_sub(TOKEN))
    }

    /// `Relaxed`: that no token is spent twice needs only the word itself.
    fn change(&self, now: Moment, change: impl Fn(u64) -> Option<u64>) -> bool {
        let tick = self.settings.tick(now);
        let changed = self.purse.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |packed| {
            let purse = Purse::unpacked(packed).settled(tick, self.settings.reserve());
            Some(Purse { tokens: change(purse.tokens)?, ..purse }.packed())
        });
        changed.is_ok()
    }
}

impl Settings {
    /// What is stored where there are no requests: the minimum of one window. Tokens are thousandths, so are milliseconds.
    fn reserve(&self) -> u64 {
        (u64::from(self.min_per_second) * self.window.as_millis() as u64).min(MOST_TOKENS)
    }

    fn deposit(&self) -> u64 {
        u64::from(self.percent) * TOKEN / 100
    }

    fn tick(&self, now: Moment) -> u64 {
        let length = self.window.as_nanos() as u64 / TICKS_A_WINDOW;
        (now.as_nanos() / length).min(LAST_TICK)
    }
}

struct Purse {
    tick: u64,
    tokens: u64,
}

impl Purse {
    fn packed(&self) -> u64 {
        self.tick << TOKEN_BITS | self.tokens
    }

    fn unpacked(word: u64) -> Self {
        Self { tick: word >> TOKEN_BITS, tokens: word & MOST_TOKENS }
    }

    /// What time has made of it by `tick`: each tick brings the tokens a hundredth nearer to `reserve`. That is what is
    /// unused fading and the minimum coming in, in one, and it adds a hundredth of the reserve at most.
    ///
    /// A thread whose clock was read before another's changes nothing. Rounding down loses up to a tenth of a retry.
    fn settled(self, tick: u64, reserve: u64) -> Self {
        let elapsed = tick.saturating_sub(self.tick).min(TICKS_TO_REST);
        let nearer = |tokens, _| (tokens * (TICKS_A_WINDOW - 1) + reserve) / TICKS_A_WINDOW;
        Self { tick: self.tick.max(tick), tokens: (0..elapsed).fold(self.tokens, nearer) }
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self::new()
    }
}

impl Clone for Budget {
    fn clone(&self) -> Self {
        Self::of(self.settings)
    }
}

impl fmt::Debug for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Settings { percent, min_per_second, window } = &self.settings;
        f.debug_struct("Budget")
            .field("percent", percent)
            .field("min_per_second", min_per_second)
            .field("window", window)
            .finish_non_exhaustive()
    }
}

#[cfg(all(test, not(loom)))]
mod tests;

#[cfg(all(test, loom))]
mod models;
