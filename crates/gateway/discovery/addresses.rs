//! The addresses of one host, as they were found last.

use std::net::IpAddr;

use super::looked::{Looked, Trouble};
use super::resolver::{Answer, Resolver};
use super::routes::only_routed;

/// How many addresses of a host are used.
pub(super) const MOST: usize = 256;

/// The addresses of one host, as they were found last.
#[derive(Debug, Default)]
pub(super) struct Addresses {
    v4: Vec<IpAddr>,
    v6: Vec<IpAddr>,
}

impl Addresses {
    /// Looks for A and AAAA records at once. Those of a kind that can't be looked up stay, and so do all if there is
    /// nothing.
    pub(super) async fn look_up(&mut self, host: &str, resolver: &Resolver) -> Looked {
        let (v4, v6) = tokio::join!(resolver.v4(host), resolver.v6(host));
        self.learn(v4, v6)
    }

    fn learn(&mut self, v4: Result<Answer<IpAddr>, Trouble>, v6: Result<Answer<IpAddr>, Trouble>) -> Looked {
        let v6 = match (&v4, v6) {
            // A short name may be found in one domain as the one, and in another domain as the other.
            (Ok(one), Ok(other)) if !one.records.is_empty() && one.name != other.name => {
                Ok(Answer { records: Vec::new(), ..other })
            }
            (_, v6) => v6,
        };
        let is_empty = |answer: &Result<Answer<IpAddr>, Trouble>| {
            answer.as_ref().is_ok_and(|answer| answer.records.is_empty())
        };
        let ttl = [&v4, &v6].into_iter().flatten().filter(|it| !it.records.is_empty()).map(|it| it.ttl).min();
        if is_empty(&v4) && is_empty(&v6) {
            return Looked { ttl: None, trouble: Some(Trouble::Nothing) };
        }
        let troubles = [learn(&mut self.v4, v4), learn(&mut self.v6, v6)];
        // A kind of address that the host never had isn't missed.
        let trouble = troubles.into_iter().flatten().next().filter(|_| ttl.is_none() || self.has_both());
        Looked { ttl, trouble }
    }

    fn has_both(&self) -> bool {
        !self.v4.is_empty() && !self.v6.is_empty()
    }

    /// Those that can be used, in an order that doesn't depend on the server's.
    pub(super) fn used(&self) -> Vec<IpAddr> {
        let mut addresses = only_routed(self.v4.iter().chain(&self.v6).copied().collect());
        addresses.truncate(MOST);
        addresses
    }

    pub(super) fn is_empty(&self) -> bool {
        self.v4.is_empty() && self.v6.is_empty()
    }
}

/// Keeps what was found. If it couldn't be looked up, says why and keeps what was there.
fn learn(known: &mut Vec<IpAddr>, answer: Result<Answer<IpAddr>, Trouble>) -> Option<Trouble> {
    match answer {
        Ok(answer) => {
            *known = answer.records;
            known.sort_unstable();
            known.dedup();
            known.truncate(MOST);
            None
        }
        Err(trouble) => Some(trouble),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    type Answered = Result<Answer<IpAddr>, Trouble>;

    fn found(addresses: &[&str]) -> Answered {
        let records = addresses.iter().map(|address| address.parse().unwrap()).collect();
        Ok(Answer { records, name: "a.".to_owned(), ttl: Duration::from_secs(60) })
    }

    fn none() -> Answered {
        Ok(Answer { name: String::new(), ..found(&[]).unwrap() })
    }

    fn failed() -> Answered {
        Err(Trouble::TimedOut)
    }

    #[test]
    fn what_can_not_be_looked_up_stays() {
        let mut addresses = Addresses::default();
        let steps: [(Answered, Answered, &[&str], Option<Trouble>); 9] = [
            (failed(), failed(), &[], Some(Trouble::TimedOut)),
            (none(), none(), &[], Some(Trouble::Nothing)),
            (found(&["10.0.0.2", "10.0.0.1", "10.0.0.2"]), failed(), &["10.0.0.1", "10.0.0.2"], None),
            (failed(), none(), &["10.0.0.1", "10.0.0.2"], Some(Trouble::TimedOut)),
            (none(), none(), &["10.0.0.1", "10.0.0.2"], Some(Trouble::Nothing)),
            (found(&["10.0.0.3"]), found(&["::1"]), &["10.0.0.3", "::1"], None),
            (found(&["10.0.0.4"]), failed(), &["10.0.0.4", "::1"], Some(Trouble::TimedOut)),
            (found(&["10.0.0.4"]), none(), &["10.0.0.4"], None),
            (none(), found(&["::1"]), &["::1"], None),
        ];
        for (step, (v4, v6, expected, trouble)) in steps.into_iter().enumerate() {
            let looked = addresses.learn(v4, v6);
            let known: Vec<_> = addresses.v4.iter().chain(&addresses.v6).map(IpAddr::to_string).collect();
            assert_eq!(
                (known, looked.trouble),
                (expected.iter().map(|it| (*it).to_owned()).collect(), trouble),
                "{step}"
            );
        }
    }

    #[test]
    fn both_kinds_have_the_same_name() {
        let mut addresses = Addresses::default();
        let elsewhere = Ok(Answer { name: "a.elsewhere.".to_owned(), ..found(&["::1"]).unwrap() });
        addresses.learn(found(&["10.0.0.1"]), elsewhere);
        assert!(addresses.v6.is_empty());
    }

    #[test]
    fn a_thousand_are_too_many() {
        let mut addresses = Addresses::default();
        let many = (0..1000_u32).rev().map(|n| IpAddr::from([10, 0, (n / 256) as u8, n as u8])).collect();
        addresses.learn(Ok(Answer { records: many, ..found(&[]).unwrap() }), none());
        assert_eq!(addresses.used().len(), MOST);
        assert_eq!(addresses.used()[0], IpAddr::from([10, 0, 0, 0]));
    }
}
