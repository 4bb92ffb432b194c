//! The binary's allocator, and that it gives back what it doesn't need.

use std::hint::black_box;
use std::time::Duration;

use mimalloc::MiMalloc;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// As long as it keeps what was freed, in case that it is needed again.
const OFTEN: Duration = Duration::from_secs(1);
/// More than it has size classes for: a block like this is a page of its own.
const BLOCK: usize = 1 << 20;

/// Makes mimalloc look again and again for what is free for long enough to be the system's. It looks only when it frees a
/// page: a gateway whose clients have all left has none to free, and would keep all that they took.
pub(crate) async fn give_back() {
    let mut often = tokio::time::interval(OFTEN);
    loop {
        often.tick().await;
        // Not written to, so that it takes no memory.
        drop(black_box(Vec::<u8>::with_capacity(BLOCK)));
    }
}
