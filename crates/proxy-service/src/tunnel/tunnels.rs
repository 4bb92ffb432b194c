//! `Tunnels`: counts tunnels and tells them to end.

use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

use tokio::sync::{Notify, watch};

/// Counts the open tunnels and ends them. Clones share the count.
///
/// [`close`](Self::close) is for a graceful end, [`cut`](Self::cut) for one that waits for nobody. For some of the
/// tunnels, such as those of a route, make a [`group`](Self::group).
#[derive(Clone)]
pub struct Tunnels {
    /// Its own group, then those that have it as a part.
    groups: Arc<[Arc<Group>]>,
}

#[derive(Debug, Default)]
struct Group {
    open: AtomicUsize,
    none_open: Notify,
    order: watch::Sender<Order>,
}

/// What the tunnels were told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Order {
    #[default]
    GoOn,
    SayGoodbye,
    Cut,
}

impl Tunnels {
    /// A part of these, with a count and an end of its own. Its tunnels count here too, and end with these.
    #[must_use]
    pub fn group(&self) -> Self {
        let groups = std::iter::once(Arc::default()).chain(self.groups.iter().cloned());
        Self { groups: groups.collect() }
    }

    /// How many tunnels are open now.
    pub fn count(&self) -> usize {
        self.own().open.load(Ordering::Acquire)
    }

    /// Closes every open tunnel, and each later one as soon as it opens.
    ///
    /// A WebSocket says goodbye: both sides get a Close frame with the status 1001, "going away" (RFC 6455 sections
    /// 5.5.1 and 7.4.1), as soon as the frame before it is complete, and nothing after it. They have
    /// a second to complete that frame and to answer with their own Close. Then both connections are closed. Other tunnels are
    /// closed at once.
    pub fn close(&self) {
        self.tell(Order::SayGoodbye);
    }

    /// Ends every open tunnel, and each later one, without waiting. A WebSocket still gets its Close frame if that
    /// can be sent at once; but if the client has sent something that wasn't read, the frame may be lost.
    pub fn cut(&self) {
        self.tell(Order::Cut);
    }

    /// Waits until no tunnel is open.
    pub async fn drained(&self) {
        let group = self.own();
        loop {
            let mut none_open = pin!(group.none_open.notified());
            none_open.as_mut().enable();
            if self.count() == 0 {
                return;
            }
            none_open.await;
        }
    }

    fn tell(&self, order: Order) {
        self.own().order.send_if_modified(|told| {
            let is_news = *told < order;
            *told = order.max(*told);
            is_news
        });
    }

    fn own(&self) -> &Group {
        self.groups.first().expect("the first is its own")
    }

    /// Counts a new tunnel, which belongs to `others` too.
    pub(crate) fn open(&self, others: Option<&Self>) -> OpenTunnel {
        let mut groups = self.groups.to_vec();
        for group in others.iter().flat_map(|others| others.groups.iter()) {
            if !groups.iter().any(|known| Arc::ptr_eq(known, group)) {
                groups.push(Arc::clone(group));
            }
        }
        for group in &groups {
            group.open.fetch_add(1, Ordering::AcqRel);
        }
        OpenTunnel { groups }
    }
}

impl Default for Tunnels {
    fn default() -> Self {
        Self { groups: Arc::new([Arc::default()]) }
    }
}

impl fmt::Debug for Tunnels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tunnels").field("open", &self.count()).finish_non_exhaustive()
    }
}

/// Counts one tunnel, until it is dropped.
#[derive(Debug)]
pub(crate) struct OpenTunnel {
    groups: Vec<Arc<Group>>,
}

impl OpenTunnel {
    /// Waits until one of its groups was told this, or more.
    pub(super) async fn told(&self, order: Order) {
        let mut waits: Vec<_> = self.groups.iter().map(|group| Box::pin(group.told(order))).collect();
        poll_fn(|cx| match waits.iter_mut().any(|wait| wait.as_mut().poll(cx).is_ready()) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        })
        .await;
    }
}

impl Group {
    async fn told(&self, order: Order) {
        let told = self.order.subscribe().wait_for(|told| *told >= order).await.map(drop);
        told.expect("the sender lives as long as self");
    }
}

impl Drop for OpenTunnel {
    fn drop(&mut self) {
        for group in &self.groups {
            if group.open.fetch_sub(1, Ordering::AcqRel) == 1 {
                group.none_open.notify_waiters();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Waker};

    use super::*;

    fn is_told(tunnel: &OpenTunnel, order: Order) -> bool {
        pin!(tunnel.told(order)).poll(&mut Context::from_waker(Waker::noop())).is_ready()
    }

    fn are_drained(tunnels: &Tunnels) -> bool {
        pin!(tunnels.drained()).poll(&mut Context::from_waker(Waker::noop())).is_ready()
    }

    #[test]
    fn a_tunnel_counts_once_in_each_of_its_groups_until_it_is_dropped() {
        let all = Tunnels::default();
        let (upstream, route, other) = (all.group(), all.group(), all.group());
        let tunnel = upstream.open(Some(&route));
        let counts = || [&all, &upstream, &route, &other].map(Tunnels::count);
        assert_eq!(counts(), [1, 1, 1, 0]);
        assert!(!are_drained(&all) && are_drained(&other));
        drop(tunnel);
        assert_eq!(counts(), [0; 4]);
        assert!(are_drained(&all));
    }

    #[test]
    fn an_order_is_for_the_tunnels_of_that_group_and_its_parts() {
        let all = Tunnels::default();
        let (one, other) = (all.group(), all.group());
        let (of_one, of_other, of_both) = (one.open(None), other.open(None), one.open(Some(&other)));
        let told = |order| [&of_one, &of_other, &of_both].map(|tunnel| is_told(tunnel, order));
        assert_eq!(told(Order::SayGoodbye), [false; 3]);
        other.close();
        assert_eq!(told(Order::SayGoodbye), [false, true, true]);
        assert_eq!(told(Order::Cut), [false; 3]);
        all.cut();
        all.close();
        assert_eq!(told(Order::Cut), [true; 3], "an order isn't taken back");
        assert!(is_told(&one.open(None), Order::Cut), "it is for later ones too");
    }

    #[tokio::test]
    async fn whoever_waits_for_the_last_one_hears_of_it() {
        let tunnels = Tunnels::default();
        let (one, other) = (tunnels.open(None), tunnels.open(None));
        let drained = tokio::spawn({
            let tunnels = tunnels.clone();
            async move { tunnels.drained().await }
        });
        tokio::task::yield_now().await;
        drop(one);
        tokio::task::yield_now().await;
        assert!(!drained.is_finished());
        drop(other);
        drained.await.unwrap();
    }
}
