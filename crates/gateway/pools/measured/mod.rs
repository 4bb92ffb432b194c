//! What Prometheus is told of pools and their endpoints.

mod families;
mod row;

use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::DescriptorEncoder;

use self::families::{
    BUDGET, CREATED, EJECTIONS, ENDPOINTS, ERRORS, FAILOVERS, FAILURES, HANDSHAKES, HEDGES, HEDGES_WON, IDLE,
    IN_FLIGHT, OPEN, REQUESTS, RETRIES, REUSED, STATE, USABLE, WAITING, WEIGHT,
};
use self::row::{Pool, Row};
use super::state::STATES;
use super::watch::Roster;
use crate::observe::metrics::Of;

/// All pools that there are.
#[derive(Debug)]
pub(crate) struct MeasuredPools(Roster);

impl MeasuredPools {
    pub(crate) fn of(roster: Roster) -> Self {
        Self(roster)
    }
}

impl Collector for MeasuredPools {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let roster = self.0.load();
        let pools: Vec<Pool<'_>> = roster.iter().map(Pool::read).collect();
        of_pools(&pools, &mut encoder)?;
        let rows: Vec<&Row<'_>> = pools.iter().flat_map(|pool| &pool.rows).collect();
        states_and_errors(&rows, &mut encoder)?;
        of_endpoints(&rows, &mut encoder)
    }
}

fn of_pools(pools: &[Pool<'_>], encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
    let mut values = ENDPOINTS.begin(encoder)?;
    pools.iter().try_for_each(|pool| values.gauge(&[pool.named.name()], pool.rows.len()))?;
    let mut values = USABLE.begin(encoder)?;
    pools.iter().try_for_each(|pool| values.gauge(&[pool.named.name()], pool.usable()))?;
    let counters: [Of<Pool<'_>>; 4] = [
        (&RETRIES, |pool| pool.named.endpoints().retries()),
        (&FAILOVERS, |pool| pool.named.endpoints().failovers()),
        (&HEDGES, |pool| pool.named.endpoints().hedges()),
        (&HEDGES_WON, |pool| pool.named.endpoints().hedges_won()),
    ];
    for (family, value) in counters {
        let mut values = family.begin(encoder)?;
        pools.iter().try_for_each(|pool| values.counter(&[pool.named.name()], value(pool)))?;
    }
    let mut values = BUDGET.begin(encoder)?;
    let budgets = pools.iter().filter_map(|pool| Some((pool.named.name(), pool.named.retries_left()?)));
    budgets.into_iter().try_for_each(|(name, left)| values.gauge(&[name], left))
}

fn states_and_errors(rows: &[&Row<'_>], encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
    let mut values = STATE.begin(encoder)?;
    for row in rows {
        let [pool, url] = row.labels();
        for (health, state) in STATES {
            values.gauge(&[pool, url, state], u64::from(health == row.health))?;
        }
    }
    let mut values = ERRORS.begin(encoder)?;
    for row in rows {
        let [pool, url] = row.labels();
        row.errors().into_iter().try_for_each(|(error, count)| values.counter(&[pool, url, error], count))?;
    }
    Ok(())
}

fn of_endpoints<'a>(rows: &[&Row<'a>], encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
    let gauges: [Of<Row<'a>>; 5] = [
        (&WEIGHT, |row| row.endpoint.weight().into()),
        (&IN_FLIGHT, |row| row.endpoint.in_flight()),
        (&WAITING, |row| row.connections.waiting as u64),
        (&OPEN, |row| row.connections.open as u64),
        (&IDLE, |row| row.connections.idle as u64),
    ];
    for (family, value) in gauges {
        let mut values = family.begin(encoder)?;
        rows.iter().try_for_each(|row| values.gauge(&row.labels(), value(row)))?;
    }
    let counters: [Of<Row<'a>>; 6] = [
        (&REQUESTS, |row| row.endpoint.requests()),
        (&FAILURES, |row| row.endpoint.failures()),
        (&EJECTIONS, |row| row.endpoint.ejections()),
        (&CREATED, |row| row.connections.created),
        (&REUSED, |row| row.connections.reused),
        (&HANDSHAKES, |row| row.connections.handshakes),
    ];
    for (family, value) in counters {
        let mut values = family.begin(encoder)?;
        rows.iter().try_for_each(|row| values.counter(&row.labels(), value(row)))?;
    }
    Ok(())
}
