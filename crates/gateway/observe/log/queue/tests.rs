use super::*;

fn taken(drain: &mut Drain, most: usize) -> Vec<u8> {
    let mut batch = Vec::new();
    drain.take(&mut batch, most);
    batch
}

#[cfg(not(model))]
mod sequential {
    use std::collections::VecDeque;

    use proptest::prelude::*;

    use super::*;

    const BYTES: usize = 256;

    #[derive(Clone, Debug)]
    enum Step {
        Push(Vec<u8>),
        Take(usize),
    }

    fn step() -> impl Strategy<Value = Step> {
        let line = proptest::collection::vec(any::<u8>(), 0..BYTES + 9);
        prop_oneof![
            6 => line.prop_map(|mut line| { line.truncate(line.len() / 3); Step::Push(line) }),
            1 => proptest::collection::vec(any::<u8>(), 0..BYTES + 9).prop_map(Step::Push),
            2 => (0..BYTES).prop_map(Step::Take),
        ]
    }

    proptest! {
        /// Each line is taken once, whole and in order, unless there was no room for it.
        #[test]
        fn it_is_a_bounded_queue(steps in proptest::collection::vec(step(), 1..200)) {
            let (queue, mut drain) = queue(BYTES);
            let mut model = VecDeque::<Vec<u8>>::new();
            for step in steps {
                match step {
                    Step::Push(line) => {
                        let used: usize = model.iter().map(|line| words_of(line.len())).sum();
                        let fits = used + words_of(line.len()) <= BYTES / WORD;
                        prop_assert_eq!(queue.push(&line), if fits { Ok(()) } else { Err(Full) });
                        if fits {
                            model.push_back(line);
                        }
                    }
                    Step::Take(most) => {
                        let mut expected = model.pop_front().unwrap_or_default();
                        while let Some(line) = model.pop_front_if(|line| expected.is_empty() || expected.len() + line.len() <= most) {
                            expected.extend(line);
                        }
                        prop_assert_eq!(taken(&mut drain, most), expected);
                    }
                }
                prop_assert_eq!(drain.is_empty(), model.is_empty());
            }
        }
    }

    #[test]
    fn an_empty_line_is_one_too() {
        let (queue, mut drain) = queue(64);
        queue.push(b"").unwrap();
        queue.push(b"a").unwrap();
        assert_eq!(taken(&mut drain, 10), b"a");
        assert!(drain.is_empty());
    }

    #[test]
    fn a_line_that_never_fits_is_refused() {
        let (queue, drain) = queue(64);
        assert_eq!(queue.push(&[b'x'; 57]), Err(Full));
        assert!(drain.is_empty());
        assert_eq!(queue.push(&[b'x'; 56]), Ok(()));
        assert_eq!(queue.push(b""), Err(Full));
    }

    /// Only lines that were refused are missing. Lines are never mixed up, and those of one thread stay in order.
    #[test]
    fn many_threads_at_once() {
        const THREADS: usize = 4;
        const LINES: usize = 20_000;
        let (queue, mut drain) = queue(4096);
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| {
                let queue = queue.clone();
                std::thread::spawn(move || {
                    let line = |number: usize| format!("{thread} {number} {}\n", "x".repeat(number % 50));
                    (0..LINES).filter(|number| queue.push(line(*number).as_bytes()).is_err()).count()
                })
            })
            .collect();
        let mut log = Vec::new();
        loop {
            let is_over = threads.iter().all(std::thread::JoinHandle::is_finished);
            drain.take(&mut log, usize::MAX);
            if is_over {
                break;
            }
            std::thread::yield_now();
        }
        let refused: usize = threads.into_iter().map(|thread| thread.join().unwrap()).sum();
        let mut next = [0; THREADS];
        let mut seen = 0;
        for line in str::from_utf8(&log).unwrap().lines() {
            let fields: Vec<&str> = line.split(' ').collect();
            let [thread, number, filling] = fields[..] else { panic!("{line:?}") };
            let (thread, number): (usize, usize) = (thread.parse().unwrap(), number.parse().unwrap());
            assert!(number >= next[thread], "{line:?} after {}", next[thread]);
            assert_eq!(filling, "x".repeat(number % 50));
            next[thread] = number + 1;
            seen += 1;
        }
        assert_eq!(seen + refused, THREADS * LINES);
    }
}

/// `RUSTFLAGS="--cfg model" cargo test -p models --profile models queue`
#[cfg(model)]
mod models {
    use loom::thread;

    use super::*;

    /// Two threads append at the same time, around the end of the ring.
    #[test]
    fn two_threads_append_and_one_takes() {
        model(|| {
            let (queue, mut drain) = queue(32);
            queue.push(b"").unwrap();
            assert_eq!(taken(&mut drain, 9), b"");
            let threads = [b"aaaaaaaaa", b"bbbbbbbbb"].map(|line| {
                let queue = queue.clone();
                thread::spawn(move || queue.push(line).is_ok())
            });
            let mut seen = taken(&mut drain, 99);
            let pushed = threads.map(|thread| thread.join().unwrap());
            seen.extend(taken(&mut drain, 99));
            let kept: usize = pushed.into_iter().filter(|pushed| *pushed).count();
            assert_eq!(seen.len(), 9 * kept);
            for line in seen.chunks(9) {
                assert!(line == b"aaaaaaaaa" || line == b"bbbbbbbbb", "{line:?}");
            }
            assert!(drain.is_empty() && kept > 0);
        });
    }

    fn model(check: impl Fn() + Sync + Send + 'static) {
        let mut model = loom::model::Builder::new();
        model.preemption_bound = Some(3);
        model.check(check);
    }
}
