//! The runtime of the first worker.

use tokio::runtime::Builder;

use super::failure::{Failure, refused};
#[cfg(feature = "mimalloc")]
use super::memory;

/// Runs `work` on the runtime of the first worker.
pub(super) fn block_on(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let runtime = Builder::new_current_thread().enable_all().build().map_err(refused)?;
    #[cfg(feature = "mimalloc")]
    runtime.spawn(memory::give_back());
    let outcome = runtime.block_on(work);
    // Dropping the runtime would wait for DNS lookups that are still running, however long they take.
    runtime.shutdown_background();
    outcome
}
