//! The task that makes the binary's allocator, mimalloc, return unused memory to the system.

use std::hint::black_box;
use std::time::Duration;

/// How often a block is allocated and freed. mimalloc itself keeps freed memory for a second, in case it is needed
/// again.
const PERIOD: Duration = Duration::from_secs(1);
/// The size of that block in bytes. It is larger than all of mimalloc's size classes, so mimalloc gives it a page of
/// its own.
const BLOCK_BYTES: usize = 1 << 20;

/// Makes mimalloc return memory to the system that has been free for a while. mimalloc looks for such memory only when
/// it frees a page. A gateway whose clients have all left frees no more pages, so it would keep all memory that they
/// used. Therefore this task frees a page of its own once a second.
pub(super) async fn give_back() {
    let mut ticks = tokio::time::interval(PERIOD);
    loop {
        ticks.tick().await;
        // Nothing is written to the block, so the system gives it no memory.
        drop(black_box(Vec::<u8>::with_capacity(BLOCK_BYTES)));
    }
}
