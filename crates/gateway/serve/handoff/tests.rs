use super::*;

#[cfg(not(model))]
mod sequential {
    use std::future::poll_fn;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::{Wake, Waker};

    use proptest::prelude::*;

    use super::*;

    /// A task that counts its wakes.
    #[derive(Default)]
    struct Task(AtomicUsize);

    impl Wake for Task {
        fn wake(self: std::sync::Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn task() -> (std::sync::Arc<Task>, Waker) {
        let task = std::sync::Arc::new(Task::default());
        (std::sync::Arc::clone(&task), Waker::from(task))
    }

    impl Task {
        fn wakes(&self) -> usize {
            self.0.swap(0, Ordering::Relaxed)
        }
    }

    #[test]
    fn a_value_is_given_when_it_is_wanted() {
        let (task, waker) = task();
        let cx = &mut Context::from_waker(&waker);
        let (giver, mut taker) = handoff();
        assert_eq!(giver.poll_wanted(cx), Poll::Pending);
        assert_eq!(taker.poll_take(cx), Poll::Pending);
        assert_eq!(giver.poll_wanted(cx), Poll::Ready(Ok(())));
        assert_eq!(giver.give('a', cx), Ok(()));
        assert_eq!(giver.poll_wanted(cx), Poll::Pending);
        assert_eq!(taker.poll_take(cx), Poll::Ready(Some('a')));
        assert_eq!(giver.poll_wanted(cx), Poll::Pending, "the taker has not asked for another");
        assert_eq!(task.wakes(), 0, "one task needs no wake");
    }

    #[test]
    fn room_is_there_whether_a_value_is_wanted_or_not() {
        let (task, waker) = task();
        let cx = &mut Context::from_waker(&waker);
        let (giver, mut taker) = handoff();
        assert_eq!(giver.poll_room(cx), Poll::Ready(Ok(())));
        assert_eq!(giver.give('a', cx), Ok(()));
        assert_eq!(giver.poll_room(cx), Poll::Pending);
        assert_eq!(giver.give('b', cx), Err('b'));
        assert_eq!(taker.poll_take(cx), Poll::Ready(Some('a')));
        assert_eq!(giver.poll_room(cx), Poll::Ready(Ok(())));
        assert_eq!(task.wakes(), 0);
    }

    #[test]
    fn two_tasks_wake_each_other() {
        let (giving, waker) = task();
        let giving_cx = &mut Context::from_waker(&waker);
        let (taking, waker) = task();
        let taking_cx = &mut Context::from_waker(&waker);
        let (giver, mut taker) = handoff();
        for value in 0..3 {
            assert_eq!(giver.poll_wanted(giving_cx), Poll::Pending);
            assert_eq!(taker.poll_take(taking_cx), Poll::Pending);
            assert_eq!(giving.wakes(), 1);
            assert_eq!(taker.poll_take(taking_cx), Poll::Pending);
            assert_eq!(giving.wakes(), 0, "it knows already");
            assert_eq!(giver.poll_wanted(giving_cx), Poll::Ready(Ok(())));
            assert_eq!(giver.give(value, giving_cx), Ok(()));
            assert_eq!(taking.wakes(), 1);
            assert_eq!(giver.poll_wanted(giving_cx), Poll::Pending);
            assert_eq!(taker.poll_take(taking_cx), Poll::Ready(Some(value)));
            assert_eq!(giving.wakes(), 0, "room isn't what it waits for");
        }
        assert_eq!(giver.give(3, giving_cx), Ok(()));
        assert_eq!(giver.poll_room(giving_cx), Poll::Pending);
        assert_eq!(taker.poll_take(taking_cx), Poll::Ready(Some(3)));
        assert_eq!(giving.wakes(), 1);
    }

    #[test]
    fn a_taker_that_moves_to_another_task_is_woken_there() {
        let (first, waker) = task();
        let first_cx = &mut Context::from_waker(&waker);
        let (second, waker) = task();
        let second_cx = &mut Context::from_waker(&waker);
        let (giver, mut taker) = handoff();
        assert_eq!(taker.poll_take(first_cx), Poll::Pending);
        assert_eq!(taker.poll_take(second_cx), Poll::Pending);
        assert_eq!(giver.give('a', first_cx), Ok(()));
        assert_eq!((first.wakes(), second.wakes()), (0, 1));
    }

    #[test]
    fn what_was_given_is_taken_before_the_end() {
        let (task, waker) = task();
        let cx = &mut Context::from_waker(&waker);
        let (giver, mut taker) = handoff();
        assert_eq!(taker.poll_take(cx), Poll::Pending);
        assert_eq!(giver.give('a', cx), Ok(()));
        giver.end(cx);
        assert_eq!(task.wakes(), 0);
        assert_eq!(taker.poll_take(cx), Poll::Ready(Some('a')));
        assert_eq!(taker.poll_take(cx), Poll::Ready(None));
        assert_eq!(taker.poll_take(cx), Poll::Ready(None));
    }

    #[test]
    fn an_end_that_is_dropped_wakes_the_other() {
        let (task, waker) = task();
        let cx = &mut Context::from_waker(&waker);
        let (giver, mut taker) = handoff::<char>();
        assert_eq!(taker.poll_take(cx), Poll::Pending);
        drop(giver);
        assert_eq!(task.wakes(), 1);

        let (giver, taker) = handoff();
        assert_eq!(giver.poll_wanted(cx), Poll::Pending);
        assert!(!giver.is_gone());
        drop(taker);
        assert_eq!(task.wakes(), 1);
        assert!(giver.is_gone());
        assert_eq!(giver.poll_wanted(cx), Poll::Ready(Err(Gone)));
        assert_eq!(giver.poll_room(cx), Poll::Ready(Err(Gone)));
        assert_eq!(giver.give('a', cx), Err('a'));
    }

    #[derive(Clone, Copy, Debug)]
    enum Step {
        Want,
        Give,
        PollWanted,
        PollRoom,
    }

    proptest! {
        /// It is a queue of at most one value, and nobody who waits is forgotten.
        #[test]
        fn nobody_is_forgotten(steps in proptest::collection::vec(
            prop_oneof![Just(Step::Want), Just(Step::Give), Just(Step::PollWanted), Just(Step::PollRoom)],
            1..50,
        )) {
            let (giving, waker) = task();
            let giving_cx = &mut Context::from_waker(&waker);
            let (taking, waker) = task();
            let taking_cx = &mut Context::from_waker(&waker);
            let (giver, mut taker) = handoff();
            let (mut held, mut wanted) = (None, false);
            for (number, step) in steps.into_iter().enumerate() {
                match step {
                    Step::Want => {
                        let taken = taker.poll_take(taking_cx);
                        wanted = held.is_none();
                        prop_assert_eq!(taken, held.take().map_or(Poll::Pending, |value| Poll::Ready(Some(value))));
                    }
                    Step::Give => {
                        let refused = held.is_some();
                        prop_assert_eq!(giver.give(number, giving_cx).is_err(), refused);
                        held.get_or_insert(number);
                        prop_assert_eq!(taking.wakes() > 0, wanted && !refused);
                    }
                    Step::PollWanted => prop_assert_eq!(giver.poll_wanted(giving_cx).is_ready(), wanted && held.is_none()),
                    Step::PollRoom => prop_assert_eq!(giver.poll_room(giving_cx).is_ready(), held.is_none()),
                }
                giving.wakes();
            }
        }
    }

    /// The two ends on two threads, for as long as both live.
    #[test]
    fn two_threads() {
        const VALUES: usize = 20_000;
        let runtime = || tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (giver, mut taker) = handoff();
        let giving = std::thread::spawn(move || {
            runtime().block_on(async {
                for value in 0..VALUES {
                    match value % 3 {
                        0 => poll_fn(|cx| giver.poll_room(cx)).await.unwrap(),
                        _ => poll_fn(|cx| giver.poll_wanted(cx)).await.unwrap(),
                    }
                    poll_fn(|cx| Poll::Ready(giver.give(value, cx))).await.unwrap();
                }
            });
        });
        let taken = runtime().block_on(async {
            let mut taken = Vec::new();
            while let Some(value) = poll_fn(|cx| taker.poll_take(cx)).await {
                taken.push(value);
            }
            taken
        });
        giving.join().unwrap();
        assert!(taken.into_iter().eq(0..VALUES));
    }
}

/// `RUSTFLAGS="--cfg model" cargo test -p models --profile models handoff`
#[cfg(model)]
mod models {
    use std::future::poll_fn;

    use loom::{future::block_on, thread};

    use super::*;

    async fn give(giver: &Giver<u8>, value: u8) -> Result<(), u8> {
        poll_fn(|cx| Poll::Ready(giver.give(value, cx))).await
    }

    async fn take(taker: &mut Taker<u8>) -> Option<u8> {
        poll_fn(|cx| taker.poll_take(cx)).await
    }

    #[test]
    fn values_are_given_as_they_are_wanted() {
        each_value_is_taken_once_in_order(Giver::poll_wanted);
    }

    #[test]
    fn values_are_given_as_there_is_room() {
        each_value_is_taken_once_in_order(Giver::poll_room);
    }

    /// Whoever waits is woken. The giver waits with `poll` before it gives.
    fn each_value_is_taken_once_in_order(poll: fn(&Giver<u8>, &mut Context<'_>) -> Poll<Result<(), Gone>>) {
        model(move || {
            let (giver, mut taker) = handoff();
            let giving = thread::spawn(move || {
                block_on(async {
                    for value in [1, 2] {
                        poll_fn(|cx| poll(&giver, cx)).await.unwrap();
                        give(&giver, value).await.unwrap();
                    }
                });
            });
            block_on(async {
                assert_eq!(take(&mut taker).await, Some(1));
                assert_eq!(take(&mut taker).await, Some(2));
                assert_eq!(take(&mut taker).await, None);
            });
            giving.join().unwrap();
        });
    }

    /// A taker that goes away ends the giver's wait, whichever it is.
    #[test]
    fn a_taker_that_goes_is_noticed() {
        model(|| {
            let (giver, mut taker) = handoff();
            let asking = thread::spawn(move || {
                block_on(poll_fn(|cx| Poll::Ready(assert_eq!(taker.poll_take(cx), Poll::Pending))));
            });
            block_on(async {
                if poll_fn(|cx| giver.poll_wanted(cx)).await.is_ok() {
                    let _unless_it_is_gone = give(&giver, 1).await;
                }
                assert_eq!(poll_fn(|cx| giver.poll_room(cx)).await, Err(Gone));
                assert_eq!(poll_fn(|cx| giver.poll_wanted(cx)).await, Err(Gone));
            });
            asking.join().unwrap();
        });
    }

    fn model(check: impl Fn() + Sync + Send + 'static) {
        let mut model = loom::model::Builder::new();
        model.preemption_bound = Some(3);
        model.check(check);
    }
}
