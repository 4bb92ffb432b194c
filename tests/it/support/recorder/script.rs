//! What a recording upstream does with a request, step by step.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::Notify;

use super::log::RecordedRequest;

/// Steps in order. After the last one the rest of the request body is read and the connection waits for its next
/// request, or is closed if the request said so.
#[derive(Default)]
pub struct Script(pub Vec<Step>);

pub enum Step {
    /// Reads the request's body to its end. Scripts made by [`Script::answer`] and its like begin with this.
    WaitForBody,
    /// Reads the body until this number of its bytes has come.
    ReadBody(usize),
    /// Sends exactly these bytes.
    Send(Bytes),
    Answer(Answer),
    AnswerWith(Box<dyn Fn(&RecordedRequest) -> Answer + Send>),
    /// Sends a byte at a time with a pause after each.
    Trickle(Bytes, Duration),
    /// Goes on when the test calls [`Notify::notify_one`]. Nothing is read meanwhile.
    AwaitSignal(Arc<Notify>),
    /// Reads what is left of the body and goes on reading until the peer leaves.
    AwaitClose,
    /// Sends every byte back until the half-close of the peer, which it answers with its own: the other end of a
    /// tunnel.
    Echo,
    /// Half-close: the peer reads an EOF, this side goes on reading.
    FinishSending,
    /// Closes the connection. As with any server, unread bytes make that a reset.
    Close,
    /// Closes with an RST.
    Reset,
    /// Neither reads nor sends until the upstream is killed.
    Hang,
}

impl Script {
    /// 200 with this text, once the body has come.
    pub fn ok(text: impl Into<Bytes>) -> Self {
        Self::answer(Answer::new(200).body(text))
    }

    /// This status without content, once the body has come.
    pub fn status(status: u16) -> Self {
        Self::answer(Answer::new(status))
    }

    pub fn answer(answer: Answer) -> Self {
        Self(vec![Step::WaitForBody, Step::Answer(answer)])
    }

    /// The body of the request as the body of the response.
    pub fn echo() -> Self {
        let echo = |request: &RecordedRequest| Answer::new(200).body(request.body.bytes.clone());
        Self(vec![Step::WaitForBody, Step::AnswerWith(Box::new(echo))])
    }

    /// Exactly these bytes, once the body has come.
    pub fn raw(bytes: impl Into<Bytes>) -> Self {
        Self(vec![Step::WaitForBody, Step::Send(bytes.into())])
    }

    /// A 101 to `protocol`, the bytes in `first` in the same write, then an echo.
    pub fn upgrade(protocol: &str, first: &[u8]) -> Self {
        let head =
            format!("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: {protocol}\r\n\r\n");
        Self(vec![Step::Send([head.as_bytes(), first].concat().into()), Step::Echo])
    }

    /// No answer: it waits until the peer gives up.
    pub fn silence() -> Self {
        Self(vec![Step::AwaitClose])
    }

    /// The same, without waiting for the request's body.
    pub fn before_body(mut self) -> Self {
        self.0.retain(|step| !matches!(step, Step::WaitForBody));
        self
    }

    pub fn then(mut self, step: Step) -> Self {
        self.0.push(step);
        self
    }
}

impl Step {
    /// The interim response that lets a client send its body.
    pub fn go_on() -> Self {
        Self::Send(Bytes::from_static(b"HTTP/1.1 100 Continue\r\n\r\n"))
    }
}

/// A well-formed response, framed for the method that it answers.
#[derive(Clone, Debug)]
pub struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    content: Content,
}

#[derive(Clone, Debug)]
enum Content {
    Length(Bytes),
    Chunked(Vec<Bytes>, Vec<(String, String)>),
    UntilClose(Bytes),
}

impl Answer {
    pub fn new(status: u16) -> Self {
        Self { status, headers: Vec::new(), content: Content::Length(Bytes::new()) }
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Framed by `Content-Length`.
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.content = Content::Length(body.into());
        self
    }

    /// One chunk each; an empty one would end the body and is left out.
    pub fn chunks<B: Into<Bytes>>(mut self, chunks: impl IntoIterator<Item = B>) -> Self {
        self.content = Content::Chunked(chunks.into_iter().map(Into::into).collect(), Vec::new());
        self
    }

    /// # Panics
    /// If the body is not chunked.
    pub fn trailer(mut self, name: &str, value: &str) -> Self {
        let Content::Chunked(_, trailers) = &mut self.content else {
            panic!("only chunked bodies have trailers")
        };
        trailers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Framed by the end of the connection.
    pub fn until_close(mut self, body: impl Into<Bytes>) -> Self {
        self.content = Content::UntilClose(body.into());
        self
    }

    pub(super) fn closes(&self) -> bool {
        matches!(self.content, Content::UntilClose(_))
    }

    /// HEAD gets the head that GET would have got.
    pub(super) fn render(&self, method: &str) -> Vec<u8> {
        let mut message = format!("HTTP/1.1 {} Scripted\r\n", self.status).into_bytes();
        write_fields(&mut message, &self.headers);
        let has_content = !matches!(self.status, 100..200 | 204 | 304);
        if has_content {
            self.write_framing(&mut message);
        }
        message.extend_from_slice(b"\r\n");
        if has_content && method != "HEAD" {
            self.write_content(&mut message);
        }
        message
    }

    fn write_framing(&self, message: &mut Vec<u8>) {
        let framing = match &self.content {
            Content::Length(body) => format!("Content-Length: {}\r\n", body.len()),
            Content::Chunked(..) => "Transfer-Encoding: chunked\r\n".to_owned(),
            Content::UntilClose(_) => "Connection: close\r\n".to_owned(),
        };
        message.extend_from_slice(framing.as_bytes());
    }

    fn write_content(&self, message: &mut Vec<u8>) {
        match &self.content {
            Content::Length(body) | Content::UntilClose(body) => message.extend_from_slice(body),
            Content::Chunked(chunks, trailers) => {
                for chunk in chunks.iter().filter(|chunk| !chunk.is_empty()) {
                    message.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
                    message.extend_from_slice(chunk);
                    message.extend_from_slice(b"\r\n");
                }
                message.extend_from_slice(b"0\r\n");
                write_fields(message, trailers);
                message.extend_from_slice(b"\r\n");
            }
        }
    }
}

fn write_fields(message: &mut Vec<u8>, fields: &[(String, String)]) {
    for (name, value) in fields {
        message.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
}
