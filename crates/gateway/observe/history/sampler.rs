//! The task that looks at all meters once a second.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::time::{MissedTickBehavior, interval};

use super::samples::{History, Sample};
use super::window::Window;
use crate::observe::metrics::{Routes, Tally};

/// Takes a sample of all routes each second, for as long as it is polled.
pub(crate) async fn sampling(routes: Arc<Routes>, history: Arc<History>) {
    let mut seconds = interval(Duration::from_secs(1));
    seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    seconds.tick().await;
    let mut sampler = Sampler::default();
    loop {
        seconds.tick().await;
        history.add(sampler.sample(&routes));
    }
}

/// The windows of the routes, by their names.
#[derive(Debug, Default)]
struct Sampler {
    windows: BTreeMap<String, Looked>,
    /// The number of this second.
    second: u64,
}

#[derive(Debug, Default)]
struct Looked {
    window: Window,
    /// The second in which the route was there last.
    at: u64,
}

impl Sampler {
    fn sample(&mut self, routes: &Routes) -> Sample {
        let (mut total, mut errors, mut in_flight) = (Tally::default(), 0, 0);
        self.second += 1;
        for meter in routes.all() {
            let counted = meter.counted();
            let window = self.looked_at(meter.name());
            let since = window.tick(&counted);
            total += &since.total;
            errors += since.failed;
            in_flight += counted.in_flight;
            let recent = window.recent();
            if recent != *meter.recent() {
                meter.set_recent(recent);
            }
        }
        self.windows.retain(|_, looked| looked.at == self.second);
        Sample {
            at: SystemTime::now(),
            requests: total.count(),
            errors,
            in_flight,
            p50: total.permille(500),
            p99: total.permille(990),
        }
    }

    /// The window of a route, which is there in this second. Only a new one takes memory.
    fn looked_at(&mut self, name: &str) -> &mut Window {
        if !self.windows.contains_key(name) {
            self.windows.insert(name.to_owned(), Looked::default());
        }
        let looked = self.windows.get_mut(name).expect("it was there, or was put there");
        looked.at = self.second;
        &mut looked.window
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;
    use tokio::time::sleep;

    use super::*;
    use crate::observe::metrics::{Outcome, Recent, RouteMeter};

    fn request(meter: &RouteMeter, status: StatusCode, millis: u64) {
        meter.begin();
        meter.end(&Outcome {
            method: None,
            status,
            total: Duration::from_millis(millis),
            head: None,
            received: 0,
            sent: 0,
            error: None,
            has_failed: status.is_server_error(),
        });
    }

    #[tokio::test(start_paused = true)]
    async fn each_second_has_its_sample() {
        let (routes, history) = (Arc::new(Routes::for_threads(1)), Arc::<History>::default());
        let mut meters = routes.meters(["/one", "/two"].into_iter());
        let mut meter = |name| meters.remove(name).unwrap();
        let (one, two) = (meter("/one"), meter("/two"));
        let task = tokio::spawn(sampling(Arc::clone(&routes), Arc::clone(&history)));
        sleep(Duration::from_millis(500)).await;
        request(&one, StatusCode::OK, 10);
        request(&one, StatusCode::BAD_GATEWAY, 10);
        request(&two, StatusCode::NOT_FOUND, 10);
        two.begin();
        sleep(Duration::from_secs(2)).await;
        let samples = history.samples();
        let numbers: Vec<_> =
            samples.iter().map(|sample| (sample.requests, sample.errors, sample.in_flight)).collect();
        assert_eq!(numbers, [(3, 1, 1), (0, 0, 1)]);
        assert!(samples.iter().map(|sample| sample.p99.is_some()).eq([true, false]));
        let recent = one.recent();
        assert_eq!((recent.requests_per_second, recent.errors_per_second), (1.0, 0.5));
        drop(two);
        sleep(Duration::from_secs(10)).await;
        assert_eq!(*one.recent(), Recent::default());
        task.abort();
    }
}
