use super::*;

fn drained(stack: &Stack<u32>) -> Vec<u32> {
    std::iter::from_fn(|| stack.pop()).map(|item| *item).collect()
}

#[cfg(not(model))]
mod alone {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_a_bounded_stack(capacity in 0u16..5, steps in prop::collection::vec(any::<Option<u32>>(), 0..60)) {
            let (stack, mut model) = (Stack::new(capacity), Vec::new());
            for step in steps {
                match step {
                    Some(item) if model.len() < capacity.into() => {
                        prop_assert_eq!(stack.push(Box::new(item)), Ok(()));
                        model.push(item);
                    }
                    Some(item) => prop_assert_eq!(stack.push(Box::new(item)), Err(Box::new(item))),
                    None => prop_assert_eq!(stack.pop().map(|item| *item), model.pop()),
                }
                prop_assert_eq!(stack.len(), model.len());
                prop_assert_eq!(stack.is_empty(), model.is_empty());
            }
            model.reverse();
            prop_assert_eq!(drained(&stack), model);
        }
    }

    #[test]
    fn what_is_left_in_it_is_dropped_with_it() {
        let witness = std::sync::Arc::new(());
        let stack = Stack::new(2);
        stack.push(Box::new(std::sync::Arc::clone(&witness))).unwrap();
        drop(stack);
        assert_eq!(std::sync::Arc::strong_count(&witness), 1);
    }
}

#[cfg(model)]
mod models {
    use loom::sync::Arc;
    use loom::thread;

    use super::*;

    /// Runs the tasks at the same time on a stack. Returns the items that are left in it, in ascending order.
    fn after(stack: Stack<u32>, tasks: Vec<fn(&Stack<u32>)>) -> Vec<u32> {
        let stack = Arc::new(stack);
        let threads: Vec<_> = tasks
            .into_iter()
            .map(|task| {
                let stack = Arc::clone(&stack);
                thread::spawn(move || task(&stack))
            })
            .collect();
        for one in threads {
            one.join().unwrap();
        }
        let mut left = drained(&stack);
        left.sort_unstable();
        assert_eq!(stack.len(), 0);
        left
    }

    /// Takes an item and puts it back, as a request does.
    fn borrow(stack: &Stack<u32>) {
        if let Some(item) = stack.pop() {
            stack.push(item).unwrap();
        }
    }

    /// Checks all orders of steps in which a thread is interrupted at most three times. That is enough for each step
    /// of one thread to fall between any two steps of the other. To check all orders takes hours.
    fn model(check: impl Fn() + Sync + Send + 'static) {
        let mut model = loom::model::Builder::new();
        model.preemption_bound = Some(3);
        model.check(check);
    }

    #[test]
    fn none_is_lost_or_doubled_by_those_who_borrow() {
        model(|| {
            let stack = Stack::new(3);
            for item in [1, 2] {
                stack.push(Box::new(item)).unwrap();
            }
            assert_eq!(after(stack, vec![borrow, borrow]), [1, 2]);
        });
    }

    #[test]
    fn a_head_that_came_back_is_not_taken_for_one_that_never_left() {
        model(|| {
            let stack = Stack::new(3);
            for item in [1, 2, 3] {
                stack.push(Box::new(item)).unwrap();
            }
            fn take_two_and_put_one_back(stack: &Stack<u32>) {
                let (first, second) = (stack.pop(), stack.pop());
                drop(second);
                if let Some(first) = first {
                    stack.push(first).unwrap();
                }
            }
            assert_eq!(after(stack, vec![borrow, take_two_and_put_one_back]).len(), 2);
        });
    }

    #[test]
    fn a_full_stack_takes_no_more_than_it_can() {
        loom::model(|| {
            fn offer(stack: &Stack<u32>) {
                let _refused = stack.push(Box::new(7));
            }
            assert_eq!(after(Stack::new(1), vec![offer, offer]), [7]);
        });
    }
}
