//! All that comes of bytes, however they are cut.

use bytes::BytesMut;
use http::{HeaderMap, Request, Response};
use http1::{
    Answer, BodySize, Client, Fault, HeaderCase, Limits, Phase, Piece, ReasonPhrase, RequestHead,
    ResponseHead, Server,
};

/// A message, or what kept it from being one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    Message(Box<Message>),
    Fault(Fault),
    /// The connection was switched to another protocol, with these bytes behind the head.
    Switched(Vec<u8>),
    /// There are bytes left that nothing comes of.
    Left(usize),
    /// The peer left in good order.
    End,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Message {
    /// `GET /x HTTP/1.1`, or `HTTP/1.1 200 OK`.
    pub line: String,
    pub fields: Vec<(String, Vec<u8>)>,
    pub body: Vec<u8>,
    pub trailers: Vec<(String, Vec<u8>)>,
    /// Why the body isn't whole.
    pub cut: Option<Fault>,
    pub is_last: bool,
}

impl Message {
    pub(crate) fn field(&self, name: &str) -> Option<&[u8]> {
        self.fields.iter().find(|(named, _)| named == name).map(|(_, value)| &**value)
    }
}

fn lines(map: &HeaderMap) -> Vec<(String, Vec<u8>)> {
    map.iter().map(|(name, value)| (name.to_string(), value.as_bytes().to_vec())).collect()
}

/// What a server makes of `pieces` and of their end. It answers each request with nothing once it has read it.
pub(crate) fn requests<'a>(pieces: impl IntoIterator<Item = &'a [u8]>, limits: Limits) -> Vec<Seen> {
    let mut seen = Vec::new();
    let mut server = Server::new(limits);
    let mut buffer = BytesMut::new();
    let mut reading = None;
    for piece in pieces {
        buffer.extend_from_slice(piece);
        if read_requests(&mut server, &mut buffer, &mut reading, &mut seen) == Goes::Off {
            return seen;
        }
    }
    if let Err(fault) = server.read_eof(&mut buffer) {
        end(&mut seen, reading.take(), fault);
        return seen;
    }
    if read_requests(&mut server, &mut buffer, &mut reading, &mut seen) == Goes::On {
        assert_eq!(server.phase(), Phase::Ended);
        seen.push(Seen::End);
    }
    seen
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Goes {
    On,
    Off,
}

fn end(seen: &mut Vec<Seen>, reading: Option<Message>, fault: Fault) {
    match reading {
        Some(message) => seen.push(Seen::Message(Box::new(Message { cut: Some(fault), ..message }))),
        None => seen.push(Seen::Fault(fault)),
    }
}

fn read_requests(
    server: &mut Server,
    buffer: &mut BytesMut,
    reading: &mut Option<Message>,
    seen: &mut Vec<Seen>,
) -> Goes {
    loop {
        if let Some(message) = reading {
            match server.read_body(buffer) {
                Ok(Some(Piece::Data(data))) => {
                    assert!(!data.is_empty());
                    message.body.extend_from_slice(&data);
                }
                Ok(Some(Piece::Trailers(trailers))) => message.trailers = lines(&trailers),
                Ok(Some(Piece::End)) => {
                    assert!(server.is_received());
                    let mut message = reading.take().unwrap();
                    message.is_last = !answer(server);
                    let is_last = message.is_last;
                    seen.push(Seen::Message(Box::new(message)));
                    if is_last {
                        return Goes::Off;
                    }
                }
                Ok(None) => return Goes::On,
                Err(fault) => {
                    end(seen, reading.take(), fault);
                    return Goes::Off;
                }
            }
            continue;
        }
        match server.read_head(buffer) {
            Ok(Some(parts)) => {
                let line = format!("{} {} {:?}", parts.method, parts.uri, parts.version);
                *reading = Some(Message { line, fields: lines(&parts.headers), ..Message::default() });
            }
            Ok(None) => return Goes::On,
            Err(refused) => {
                assert!(!answer(server), "{refused:?}");
                seen.push(Seen::Fault(refused.fault));
                return Goes::Off;
            }
        }
    }
}

/// Whether the connection goes on after it.
fn answer(server: &mut Server) -> bool {
    let mut out = Vec::new();
    let response = Response::new(());
    server
        .send_head(ResponseHead::from(&response), BodySize::None, None, HeaderCase::Lower, &mut out)
        .unwrap();
    let closes = String::from_utf8(out).unwrap().contains("connection: close");
    let is_ended = server.phase() == Phase::Ended;
    assert_eq!(closes, is_ended);
    server.phase() == Phase::Idle
}

/// What a client that has sent `request` makes of `pieces` and of their end.
pub(crate) fn responses<'a>(
    request: &Request<()>,
    pieces: impl IntoIterator<Item = &'a [u8]>,
    limits: Limits,
) -> Vec<Seen> {
    let mut seen = Vec::new();
    let mut client = Client::new(limits);
    client.send_head(RequestHead::from(request), BodySize::None, HeaderCase::Lower, &mut Vec::new()).unwrap();
    let mut buffer = BytesMut::new();
    let mut reading = None;
    for piece in pieces {
        if let Some(Seen::Switched(bytes)) = seen.last_mut() {
            bytes.extend_from_slice(piece);
            continue;
        }
        buffer.extend_from_slice(piece);
        let goes = read_responses(&mut client, &mut buffer, &mut reading, &mut seen);
        if goes == Goes::Off && !matches!(seen.last(), Some(Seen::Switched(_))) {
            return seen;
        }
    }
    if matches!(seen.last(), Some(Seen::Switched(_))) {
        return seen;
    }
    if let Err(fault) = client.read_eof(&mut buffer) {
        end(&mut seen, reading.take(), fault);
        return seen;
    }
    read_responses(&mut client, &mut buffer, &mut reading, &mut seen);
    seen.push(if buffer.is_empty() { Seen::End } else { Seen::Left(buffer.len()) });
    seen
}

fn read_responses(
    client: &mut Client,
    buffer: &mut BytesMut,
    reading: &mut Option<Message>,
    seen: &mut Vec<Seen>,
) -> Goes {
    loop {
        if let Some(message) = reading {
            match client.read_body(buffer) {
                Ok(Some(Piece::Data(data))) => message.body.extend_from_slice(&data),
                Ok(Some(Piece::Trailers(trailers))) => message.trailers = lines(&trailers),
                Ok(Some(Piece::End)) => {
                    assert!(client.is_received());
                    let mut message = reading.take().unwrap();
                    // Bytes behind it may still be to come.
                    message.is_last = !client.is_reusable(&BytesMut::new());
                    seen.push(Seen::Message(Box::new(message)));
                }
                Ok(None) => return Goes::On,
                Err(fault) => {
                    end(seen, reading.take(), fault);
                    return Goes::Off;
                }
            }
            continue;
        }
        let answer = match client.read_head(buffer) {
            Ok(Some(answer)) => answer,
            Ok(None) => return Goes::On,
            Err(fault) => {
                seen.push(Seen::Fault(fault));
                return Goes::Off;
            }
        };
        let is_final = matches!(answer, Answer::Final(_));
        let (Answer::Interim(parts) | Answer::Final(parts) | Answer::Switched(parts)) = &answer;
        let reason = match parts.extensions.get::<ReasonPhrase>() {
            Some(phrase) => String::from_utf8_lossy(phrase.as_bytes()).into_owned(),
            None => parts.status.canonical_reason().unwrap_or_default().to_owned(),
        };
        let line = format!("{:?} {} {reason}", parts.version, parts.status.as_str());
        let message = Message { line, fields: lines(&parts.headers), ..Message::default() };
        match answer {
            Answer::Switched(_) => {
                seen.push(Seen::Switched(buffer.split().to_vec()));
                return Goes::Off;
            }
            _ if is_final => *reading = Some(message),
            _ => seen.push(Seen::Message(Box::new(message))),
        }
    }
}
