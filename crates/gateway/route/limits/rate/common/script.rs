//! One decision: the same GCRA as in this process, as a script that Redis runs as a whole.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{RedisResult, Script};

use super::super::decision::Decision;
use crate::config::RateLimit;

/// The key holds the time at which its debt is over, in microseconds, and expires then. The server's clock is everyone's.
///
/// Arguments: the time of one request in microseconds, and the burst. Result: 1 and how many more may come at once, or 0
/// and in how many microseconds the next one may. A debt that is longer than the burst comes from another clock, or from
/// a limit that was larger: it is cut.
const SCRIPT: &str = r"
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local interval, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local most = interval * burst
local over = tonumber(redis.call('GET', KEYS[1]) or now)
local debt = math.min(math.max(over - now, 0), most)
if debt + interval > most + 0.5 then
  return {0, math.ceil(debt + interval - most)}
end
debt = debt + interval
redis.call('SET', KEYS[1], string.format('%.2f', now + debt), 'PX', math.ceil(debt / 1000))
return {1, math.floor((most - debt) / interval + 0.000001)}
";

/// The script. It is sent by its digest, and as a whole only to a server that doesn't know it yet.
#[derive(Clone)]
pub(super) struct Gcra(Arc<Script>);

impl Gcra {
    pub(super) fn new() -> Self {
        Self(Arc::new(Script::new(SCRIPT)))
    }

    /// Makes the script known to the server.
    pub(super) async fn load(&self, connection: &mut MultiplexedConnection) -> RedisResult<()> {
        self.0.load_async(connection).await.map(drop)
    }

    pub(super) async fn ask(
        &self,
        connection: &mut MultiplexedConnection,
        key: &[u8],
        limit: &RateLimit,
    ) -> RedisResult<Decision> {
        let interval = limit.per.as_secs_f64() * 1e6 / f64::from(limit.requests.get());
        let mut asking = self.0.prepare_invoke();
        asking.key(key).arg(interval).arg(limit.burst.get());
        let (passes, number): (u8, u64) = asking.invoke_async(connection).await?;
        Ok(match passes {
            1 => Decision::Passed { left: u32::try_from(number).unwrap_or(u32::MAX) },
            _ => Decision::Refused { after: Duration::from_micros(number) },
        })
    }
}

impl fmt::Debug for Gcra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Gcra").field(&self.0.get_hash()).finish()
    }
}
