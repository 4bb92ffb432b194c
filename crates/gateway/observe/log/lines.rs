//! `Lines`: a queue of lines, and the thread that writes them.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread;
use std::time::Duration;

use crate::config::LogFormat;

use super::intake::Intake;
use super::queue::queue;
use super::shared::Shared;
use super::target::Target;
use super::writer::Writer;

/// How many bytes may wait to be written: about 8,000 lines of the access log.
const QUEUE_BYTES: usize = 2 << 20;
/// How long the end waits until everything is written.
const END: Duration = Duration::from_secs(1);

/// A queue of lines, and the thread that writes them.
#[derive(Debug)]
pub(crate) struct Lines {
    intake: Intake,
    turn: SyncSender<Target>,
    /// This channel is disconnected when the thread has ended.
    ended: Receiver<Infallible>,
}

impl Lines {
    /// Starts a thread that writes to this target. `format` is that of the line which counts dropped lines.
    pub(super) fn start(target: Target, format: LogFormat) -> io::Result<Self> {
        let (queue, drain) = queue(QUEUE_BYTES);
        let (alive, ended) = mpsc::channel();
        let (turn, turns) = mpsc::sync_channel(1);
        let shared = Arc::new(Shared::default());
        let writer = Writer::new(drain, Arc::clone(&shared), turns, target, format);
        let run = move || {
            let _until_it_ends = alive;
            writer.run();
        };
        let writer = thread::Builder::new().name("log".into()).spawn(run)?.thread().clone();
        Ok(Self { intake: Intake::new(queue, shared, writer), turn, ended })
    }

    pub(super) fn intake(&self) -> &Intake {
        &self.intake
    }

    /// The way to turn them to another target, from elsewhere.
    pub(super) fn tap(&self) -> Tap {
        Tap { intake: self.intake.clone(), turn: self.turn.clone() }
    }

    /// Waits until all queued lines are written, for at most a second. No further line is written.
    pub(crate) fn finish(&self) {
        self.intake.end();
        let _in_time = self.ended.recv_timeout(END);
    }
}

/// Takes lines, and turns them to another target.
#[derive(Clone, Debug)]
pub(crate) struct Tap {
    intake: Intake,
    turn: SyncSender<Target>,
}

impl Tap {
    pub(super) fn intake(&self) -> &Intake {
        &self.intake
    }

    /// From now on, lines go to this target. Each line goes to one of the two, as a whole.
    ///
    /// # Errors
    /// If the thread that writes has not even turned to the target before this one.
    pub(super) fn turn_to(&self, target: Target) -> io::Result<()> {
        self.turn.try_send(target).map_err(|_| io::Error::other("the one before is stuck"))?;
        self.intake.rouse();
        Ok(())
    }
}
