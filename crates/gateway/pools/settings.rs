//! The balancer's settings and the proxy's timeouts for a pool, from the configuration.

use std::num::NonZeroU32;

use balance::{FailureRate, Limit, Outliers, Settings, SlowStart};
use proxy_service::Timeouts;

use crate::config::{self, Pool};

pub(super) fn of(pool: &Pool) -> Settings {
    let mut settings = Settings::new().tier_share(pool.tier_share);
    if let Some(rules) = &pool.outliers {
        settings = settings.outliers(outliers(rules));
    }
    if let Some(duration) = pool.slow_start {
        settings = settings.slow_start(SlowStart::over(duration));
    }
    if let Some(check) = &pool.health {
        settings = settings.all_down(check.all_down);
    }
    if let Some(capacity) = &pool.capacity {
        settings = settings.limit(limit(capacity));
    }
    settings
}

pub(super) fn timeouts(timeouts: &config::PoolTimeouts) -> Timeouts {
    Timeouts {
        response_head: timeouts.response_head,
        body_idle: timeouts.body_idle,
        tunnel_idle: timeouts.tunnel_idle,
    }
}

fn outliers(rules: &config::Outliers) -> Outliers {
    let outliers = Outliers::new()
        .consecutive(rules.consecutive)
        .ejection(rules.ejection, rules.max_ejection)
        .max_share(rules.max_ejected);
    match &rules.failure_rate {
        Some(rate) => outliers
            .failure_rate(FailureRate::new(rate.percent).min_requests(rate.requests).window(rate.window)),
        None => outliers,
    }
}

fn limit(capacity: &config::Capacity) -> Limit {
    let saturated = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let most = NonZeroU32::new(saturated(capacity.max_in_flight)).unwrap_or(NonZeroU32::MIN);
    Limit::new(most).queue(saturated(capacity.queue.size), capacity.queue.timeout)
}
