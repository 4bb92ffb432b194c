use std::{fmt, time::Duration};

use crate::{
    clock::Moment,
    sync::{AtomicU64, Ordering},
};

/// The cost of one retry, in tokens.
const TOKEN: u64 = 1_000;

/// The lower bits of the word are the tokens. The bits above are the tick at which they were last settled.
const TOKEN_BITS: u32 = 28;
const MOST_TOKENS: u64 = (1 << TOKEN_BITS) - 1;

/// Ticks last for 43 years at their shortest, 217 by default. After that, time adds and takes nothing.
const LAST_TICK: u64 = u64::MAX >> TOKEN_BITS;

const TICKS_A_WINDOW: u64 = 100;

/// After so many ticks, even of the largest store less than one token is left: 0.99^2,000 < 2^-28.
const TICKS_TO_REST: u64 = 2_000;

/// How many retries a pool may make: a share of its requests, so that retries can't make an outage worse.
///
/// The idea is from Google, "Site Reliability Engineering", chapter 21, "Handling Overload".
///
/// Each request stores `percent` hundredths of a retry, and each second stores `min_per_second` retries. What is
/// not used fades over `window`: by a hundredth in each hundredth of the window. So a pool with a steady rate of
/// requests has stored the share and the minimum of one window. A new pool has stored the minimum of one window.
///
/// Over any time, and with any number of threads: retries <= `percent` / 100 x requests + `min_per_second` x
/// seconds (rounded up to hundredths of the window) + what was stored at its beginning. At most 268,435 retries are
/// ever stored.
///
/// The budget is one atomic word. A request costs one compare-and-swap, repeated if another thread was faster. A
/// clone has the same settings and a new budget of its own.
//
// It has two cache lines of its own, since processors fetch them in pairs and every request writes here.
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
    /// Retries for a fifth of the requests of the last 10 seconds, and at least 3 a second.
    pub fn new() -> Self {
        Self::of(Settings { percent: 20, min_per_second: 3, window: Duration::from_secs(10) })
    }

    /// How many retries every 100 requests allow. 0 leaves only the minimum.
    pub fn percent(self, percent: u32) -> Self {
        Self::of(Settings { percent, ..self.settings })
    }

    /// How many retries a pool with few requests may make in a second. If a window stores only one or two of them,
    /// it is up to a third less, because what is stored fades. 0 leaves only the share.
    pub fn min_per_second(self, min_per_second: u32) -> Self {
        Self::of(Settings { min_per_second, ..self.settings })
    }

    /// How long an unused retry lasts, from 2 to 60 seconds: a value outside is moved to the nearer end.
    pub fn window(self, window: Duration) -> Self {
        let window = window.clamp(Duration::from_secs(2), Duration::from_secs(60));
        Self::of(Settings { window, ..self.settings })
    }

    fn of(settings: Settings) -> Self {
        // The budget doesn't change until the first request, so the clock isn't needed here.
        let purse = Purse { tick: 0, tokens: settings.reserve() };
        Self { purse: AtomicU64::new(purse.packed()), settings }
    }

    /// Stores the share of one request. Called once for each request, not for its retries.
    pub(crate) fn deposit(&self, now: Moment) {
        self.change(now, |tokens| Some((tokens + self.settings.deposit()).min(MOST_TOKENS)));
    }

    /// Takes the cost of one retry. Returns false if not enough is stored; then there must be no retry.
    #[must_use]
    pub(crate) fn withdraw(&self, now: Moment) -> bool {
        self.change(now, |tokens| tokens.checked_sub(TOKEN))
    }

    /// Stores the cost of a retry that was taken and not made.
    pub(crate) fn give_back(&self, now: Moment) {
        self.change(now, |tokens| Some((tokens + TOKEN).min(MOST_TOKENS)));
    }

    /// How many retries are stored.
    pub(crate) fn left(&self, now: Moment) -> u64 {
        let purse = Purse::unpacked(self.purse.load(Ordering::Relaxed));
        purse.settled(self.settings.tick(now), self.settings.reserve()).tokens / TOKEN
    }

    /// `Relaxed`: that no token is spent twice depends on this word alone.
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
    /// What a window without requests stores: its minimum. A token is a thousandth of a retry, and the window is in
    /// milliseconds.
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

    /// The tokens at `tick`: each tick brings them a hundredth nearer to `reserve`. Thus unused tokens fade and the
    /// minimum comes in, in one step that adds a hundredth of the reserve at most.
    ///
    /// A thread that read the clock earlier than another changes nothing. Rounding down loses up to a tenth of a
    /// retry.
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
