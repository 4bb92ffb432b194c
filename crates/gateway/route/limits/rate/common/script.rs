//! One decision: the same GCRA as in this process, as a script that Redis runs as a whole.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{RedisResult, Script};

use super::super::decision::Decision;
use crate::config::RateLimit;

/// Each key holds the time at which its debt is over, in microseconds, and expires then. The server's clock is everyone's.
/// Either all keys count the request, or none does.
///
/// Arguments: for each key, the time of one request in microseconds, and the burst. Result: the number of the key that
/// refuses the request, or 0; then for each key how many more may come at once, or for the one that refuses, which is the
/// last then, in how many microseconds the next one may. A debt that is longer than the burst comes from another clock, or
/// from a limit that was larger: it is cut.
const SCRIPT: &str = r"
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local debts, told = {}, {0}
for i, key in ipairs(KEYS) do
  local interval, burst = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local most = interval * burst
  local over = tonumber(redis.call('GET', key) or now)
  local debt = math.min(math.max(over - now, 0), most) + interval
  if debt > most + 0.5 then
    told[1], told[i + 1] = i, math.ceil(debt - most)
    return told
  end
  debts[i], told[i + 1] = debt, math.floor((most - debt) / interval + 0.000001)
end
for i, key in ipairs(KEYS) do
  redis.call('SET', key, string.format('%.2f', now + debts[i]), 'PX', math.ceil(debts[i] / 1000))
end
return told
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

    /// What these limits say of a request, each for its key, up to one that refuses it.
    pub(super) async fn ask(
        &self,
        connection: &mut MultiplexedConnection,
        asked: &[(&[u8], &RateLimit)],
    ) -> RedisResult<Vec<Decision>> {
        let mut asking = self.0.prepare_invoke();
        for (key, limit) in asked {
            let interval = limit.per.as_secs_f64() * 1e6 / f64::from(limit.requests.get());
            asking.key(*key).arg(interval).arg(limit.burst.get());
        }
        let told: Vec<u64> = asking.invoke_async(connection).await?;
        Ok(decisions(&told))
    }
}

fn decisions(told: &[u64]) -> Vec<Decision> {
    let Some((refusing, told)) = told.split_first() else { return Vec::new() };
    let decision = |(number, told): (u64, &u64)| match number == *refusing {
        true => Decision::Refused { after: Duration::from_micros(*told) },
        false => Decision::Passed { left: u32::try_from(*told).unwrap_or(u32::MAX) },
    };
    (1..).zip(told).map(decision).collect()
}

impl fmt::Debug for Gcra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Gcra").field(&self.0.get_hash()).finish()
    }
}
