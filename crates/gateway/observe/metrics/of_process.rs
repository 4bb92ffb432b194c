//! What the system says of this process. The names are those that all Prometheus clients use.

use std::fmt;
use std::sync::OnceLock;

use procfs::process::{LimitValue, Process};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::DescriptorEncoder;

use super::family::Family;

static CPU: Family =
    Family::counter("process_cpu", &[], "Time that the process has spent on processors.").in_seconds();
static RESIDENT: Family = Family::gauge("process_resident_memory", &[], "Memory that is in RAM.").in_bytes();
static VIRTUAL: Family = Family::gauge("process_virtual_memory", &[], "Address space.").in_bytes();
static OPEN_FILES: Family = Family::gauge("process_open_fds", &[], "File descriptors that are open.");
static MOST_FILES: Family = Family::gauge("process_max_fds", &[], "File descriptors that may be open.");
static THREADS: Family = Family::gauge("process_threads", &[], "Threads of the process.");
static STARTED: Family =
    Family::gauge("process_start_time", &[], "When the process started, since 1970.").in_seconds();

/// This process, which is looked for at the first scrape. If the system doesn't say something of it, that is left out.
#[derive(Debug, Default)]
pub(super) struct OwnProcess(OnceLock<Found>);

#[derive(Debug)]
struct Found {
    process: Option<Process>,
    /// In seconds since 1970.
    booted: Option<u64>,
}

impl Found {
    fn find() -> Self {
        Self { process: Process::myself().ok(), booted: procfs::boot_time_secs().ok() }
    }
}

impl Collector for OwnProcess {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let Found { process, booted } = self.0.get_or_init(Found::find);
        let Some(process) = process else { return Ok(()) };
        let seconds = |ticks: u64| ticks as f64 / procfs::ticks_per_second() as f64;
        let mut gauge = |family: &'static Family, value: Option<u64>| match value {
            Some(value) => family.begin(&mut encoder)?.gauge(&[], value),
            None => Ok(()),
        };
        gauge(&OPEN_FILES, process.fd_count().ok().map(|count| count as u64))?;
        gauge(&MOST_FILES, most_files(process))?;
        let Ok(stat) = process.stat() else { return Ok(()) };
        gauge(&RESIDENT, Some(stat.rss * procfs::page_size()))?;
        gauge(&VIRTUAL, Some(stat.vsize))?;
        gauge(&THREADS, u64::try_from(stat.num_threads).ok())?;
        CPU.begin(&mut encoder)?.counter(&[], seconds(stat.utime + stat.stime))?;
        let Some(booted) = *booted else { return Ok(()) };
        STARTED.begin(&mut encoder)?.gauge(&[], booted as f64 + seconds(stat.starttime))
    }
}

fn most_files(process: &Process) -> Option<u64> {
    match process.limits().ok()?.max_open_files.soft_limit {
        LimitValue::Value(most) => Some(most),
        LimitValue::Unlimited => None,
    }
}
