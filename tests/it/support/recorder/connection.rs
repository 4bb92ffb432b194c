//! One connection of a recording upstream: requests are read strictly and logged, then the script is played.

use std::ops::ControlFlow::{self, Break, Continue};

use tokio::net::TcpStream;

use super::log::{End, Record, RecordedRequest};
use super::script::{Answer, Script, Step};
use crate::support::body::{Body, BodyEnd};
use crate::support::syntax::{self, Version, Violation};
use crate::support::wire::{self, RawHead, Reader, Stop, Writer};

/// The order of the fields matters: the end is recorded when the socket is closed.
pub(super) struct Connection {
    reader: Reader,
    writer: Writer,
    record: Record,
}

impl Connection {
    pub(super) fn new(stream: TcpStream, record: Record) -> Self {
        let (reader, writer) = wire::split(stream);
        Self { reader, writer, record }
    }

    pub(super) async fn serve(
        mut self,
        greeting: Script,
        script_for: &(dyn Fn(&RecordedRequest) -> Script + Sync),
    ) {
        let end = match self.play(greeting, None).await {
            Break(end) => end,
            Continue(()) => loop {
                if let Break(end) = self.request(script_for).await {
                    break end;
                }
            },
        };
        self.record.end = end;
        if end == End::WeReset {
            let Self { reader, writer, record } = self;
            wire::reset(reader, writer);
            drop(record);
        }
    }

    async fn request(
        &mut self,
        script_for: &(dyn Fn(&RecordedRequest) -> Script + Sync),
    ) -> ControlFlow<End> {
        let parsed = match self.reader.head(syntax::request_line).await {
            Ok(Some(head)) => parse(head, self.record.number()),
            Ok(None) => return Break(End::PeerClosed),
            Err(Stop::Violation(violation)) => Err(violation),
            Err(stop) => return self.stopped(stop).await,
        };
        let mut request = match parsed {
            Ok(request) => request,
            Err(violation) => return self.refuse(violation).await,
        };
        self.record.begin(&request);
        let script = script_for(&request);
        self.play(script, Some(&mut request)).await?;
        self.read_body(&mut request, usize::MAX).await?;
        if closes_after(&request) { Break(End::WeClosed) } else { Continue(()) }
    }

    /// Without a request, as for a greeting, there is no body to read.
    async fn play(&mut self, script: Script, mut request: Option<&mut RecordedRequest>) -> ControlFlow<End> {
        for step in script.0 {
            self.step(step, request.as_deref_mut()).await?;
        }
        Continue(())
    }

    async fn step(&mut self, step: Step, request: Option<&mut RecordedRequest>) -> ControlFlow<End> {
        match step {
            Step::WaitForBody => self.read_some(request, usize::MAX).await,
            Step::ReadBody(count) => self.read_some(request, count).await,
            Step::Send(bytes) => self.send(&bytes).await,
            Step::Answer(answer) => self.answer(&answer, request.as_deref()).await,
            Step::AnswerWith(answer) => match request {
                Some(request) => self.answer(&answer(request), Some(request)).await,
                None => Continue(()),
            },
            Step::Trickle(bytes, pause) => {
                for byte in &bytes {
                    self.send(std::slice::from_ref(byte)).await?;
                    tokio::time::sleep(pause).await;
                }
                Continue(())
            }
            Step::AwaitSignal(signal) => {
                signal.notified().await;
                Continue(())
            }
            Step::AwaitClose => {
                self.read_some(request, usize::MAX).await?;
                let stop = self.reader.end().await;
                self.stopped(stop).await
            }
            Step::Echo => self.echo().await,
            Step::FinishSending => match self.writer.finish().await {
                Ok(()) => Continue(()),
                Err(_) => Break(End::PeerReset),
            },
            Step::Close => Break(End::WeClosed),
            Step::Reset => Break(End::WeReset),
            Step::Hang => std::future::pending().await,
        }
    }

    async fn read_some(&mut self, request: Option<&mut RecordedRequest>, count: usize) -> ControlFlow<End> {
        match request {
            Some(request) => self.read_body(request, count).await,
            None => Continue(()),
        }
    }

    /// Reads until `count` bytes of the body have come, or all.
    async fn read_body(&mut self, request: &mut RecordedRequest, count: usize) -> ControlFlow<End> {
        while request.body.bytes.len() < count {
            match request.body.next(&mut self.reader).await {
                Some(piece) => self.record.body_piece(&piece),
                None => return self.body_ended(&request.body).await,
            }
        }
        Continue(())
    }

    async fn body_ended(&mut self, body: &Body) -> ControlFlow<End> {
        self.record.body_ended(body);
        match body.end {
            BodyEnd::Open | BodyEnd::Complete => Continue(()),
            BodyEnd::Truncated => Break(End::PeerClosed),
            BodyEnd::Reset => Break(End::PeerReset),
            BodyEnd::Malformed(violation) => self.refuse(violation).await,
        }
    }

    async fn answer(&mut self, answer: &Answer, request: Option<&RecordedRequest>) -> ControlFlow<End> {
        let method = request.map_or("GET", |request| request.method.as_str());
        self.send(&answer.render(method)).await?;
        if answer.closes() { Break(End::WeClosed) } else { Continue(()) }
    }

    async fn send(&mut self, bytes: &[u8]) -> ControlFlow<End> {
        match self.writer.send(bytes).await {
            Ok(()) => Continue(()),
            Err(_) => Break(End::PeerReset),
        }
    }

    async fn echo(&mut self) -> ControlFlow<End> {
        loop {
            match self.reader.some(u64::MAX).await {
                Ok(bytes) => {
                    self.record.tunnelled(&bytes);
                    self.send(&bytes).await?;
                }
                Err(stop) => return self.stopped(stop).await,
            }
        }
    }

    async fn stopped(&mut self, stop: Stop) -> ControlFlow<End> {
        match stop {
            Stop::Closed => Break(End::PeerClosed),
            Stop::Reset => Break(End::PeerReset),
            Stop::Violation(violation) => self.refuse(violation).await,
        }
    }

    async fn refuse(&mut self, violation: Violation) -> ControlFlow<End> {
        self.record.violation(violation, &self.reader.since_head());
        let refusal = Answer::new(400).header("Connection", "close").body(format!("{violation:?}"));
        self.send(&refusal.render("GET")).await?;
        Break(End::WeClosed)
    }
}

fn parse(head: RawHead<(String, String, Version)>, connection: usize) -> Result<RecordedRequest, Violation> {
    let RawHead { bytes: head, first: (method, target, version), fields: headers } = head;
    let framing = syntax::request_framing(version, &headers)?;
    Ok(RecordedRequest { connection, head, method, target, version, headers, body: Body::new(framing) })
}

fn closes_after(request: &RecordedRequest) -> bool {
    let keeps_alive = request.version == Version::Http11 || request.headers.lists("connection", "keep-alive");
    request.headers.lists("connection", "close") || !keeps_alive
}
