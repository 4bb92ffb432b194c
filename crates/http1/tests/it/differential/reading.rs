//! What a reader makes of a case.

use http::Request;
use http1::Limits;

use crate::seen::{Message, Seen, requests, responses};

/// A message, as far as it matters where it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Framed {
    pub(super) method: String,
    /// Or the status.
    pub(super) target: String,
    pub(super) body: Vec<u8>,
}

/// What a reader made of a connection's bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reading {
    pub(super) messages: Vec<Framed>,
    pub(super) ends_well: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Requests,
    /// To a GET each.
    Responses,
}

impl Direction {
    pub(super) fn folder(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Responses => "responses",
        }
    }

    pub(super) fn corpus(self) -> Vec<(&'static str, Vec<u8>)> {
        let text = match self {
            Self::Requests => include_str!("../../corpus/requests.txt"),
            Self::Responses => include_str!("../../corpus/responses.txt"),
        };
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        lines
            .map(|line| line.split_once(" | ").unwrap())
            .map(|(name, text)| (name, unescaped(text)))
            .collect()
    }

    pub(super) fn read_here(self, bytes: &[u8]) -> Reading {
        let seen = match self {
            Self::Requests => requests([bytes], Limits::REQUESTS),
            Self::Responses => responses(&Request::get("/").body(()).unwrap(), [bytes], Limits::RESPONSES),
        };
        let mut reading = Reading { messages: Vec::new(), ends_well: true };
        for seen in seen {
            match seen {
                Seen::Message(message) if message.cut.is_none() => {
                    reading.messages.extend(self.framed(*message))
                }
                Seen::Message(_) | Seen::Fault(_) => reading.ends_well = false,
                Seen::Switched(_) | Seen::Left(_) | Seen::End => {}
            }
        }
        reading
    }

    /// None for an interim response, which others don't tell of.
    fn framed(self, message: Message) -> Option<Framed> {
        let mut words = message.line.split(' ').map(str::to_owned);
        let (first, target) = (words.next().unwrap(), words.next().unwrap());
        let method = match self {
            Self::Requests => first,
            Self::Responses if target.starts_with('1') => return None,
            Self::Responses => "GET".to_owned(),
        };
        Some(Framed { method, target, body: message.body })
    }
}

fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'\\' => match rest.next().unwrap() {
                b'r' => b'\r',
                b'n' => b'\n',
                b't' => b'\t',
                b'x' => {
                    let digits = [rest.next().unwrap(), rest.next().unwrap()];
                    u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
                }
                other => other,
            },
            other => other,
        });
    }
    bytes
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let digits = text.as_bytes().chunks(2);
    digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// `method,target,body method,target,body .`, all in hexadecimal, with `!` at its end if the rest was refused.
pub(super) fn line(line: &str) -> Reading {
    let mut words: Vec<&str> = line.split(' ').collect();
    let ends_well = words.pop() == Some(".");
    let text = |text: &str| String::from_utf8_lossy(&unhex(text)).into_owned();
    let messages = words.iter().map(|word| {
        let [method, target, body] = word.split(',').collect::<Vec<_>>()[..] else { panic!("{line}") };
        Framed { method: text(method), target: text(target), body: unhex(body) }
    });
    Reading { messages: messages.collect(), ends_well }
}
