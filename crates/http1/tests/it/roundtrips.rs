//! A message is read as it was written.

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use http1::{Answer, BodySize, Client, HeaderCase, Limits, Piece, RequestHead, ResponseHead, Server};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

fn headers() -> impl Strategy<Value = HeaderMap> {
    let name = prop_oneof![
        select(vec!["accept", "cookie", "x-a", "x-b", "via", "te"]).prop_map(str::to_owned),
        "[a-z0-9!#$%&'*+.^_`|~-]{1,20}",
    ];
    let value = "[!-~\u{80}-\u{ff}]([ \t!-~\u{80}-\u{ff}]{0,20}[!-~\u{80}-\u{ff}])?|";
    vec((name, value), 0..16).prop_map(|fields| {
        let mut map = HeaderMap::new();
        for (name, value) in fields {
            let framing =
                ["host", "content-length", "transfer-encoding", "connection", "expect", "trailer", "upgrade"];
            if !framing.contains(&&*name) {
                let value: Vec<u8> = value.chars().map(|c| c as u8).collect();
                map.append(HeaderName::try_from(name).unwrap(), HeaderValue::from_bytes(&value).unwrap());
            }
        }
        map
    })
}

#[derive(Clone, Debug)]
enum Sent {
    Nothing,
    Whole(Vec<Bytes>),
    Chunks(Vec<Bytes>, HeaderMap),
}

fn body() -> impl Strategy<Value = Sent> {
    let pieces = || vec(vec(any::<u8>(), 0..300).prop_map(Bytes::from), 0..5);
    prop_oneof![
        Just(Sent::Nothing),
        pieces().prop_map(Sent::Whole),
        (pieces(), headers()).prop_map(|(pieces, trailers)| Sent::Chunks(pieces, trailers)),
    ]
}

impl Sent {
    fn size(&self) -> BodySize {
        match self {
            Self::Nothing => BodySize::None,
            Self::Whole(pieces) => BodySize::Exactly(pieces.iter().map(|piece| piece.len() as u64).sum()),
            Self::Chunks(..) => BodySize::Unknown,
        }
    }

    fn pieces(&self) -> &[Bytes] {
        match self {
            Self::Nothing => &[],
            Self::Whole(pieces) | Self::Chunks(pieces, _) => pieces,
        }
    }

    fn trailers(&self) -> HeaderMap {
        match self {
            Self::Chunks(_, trailers) => trailers.clone(),
            _ => HeaderMap::new(),
        }
    }
}

/// What one side reads.
#[derive(Debug, Default, PartialEq)]
struct Read {
    data: Vec<u8>,
    trailers: HeaderMap,
}

fn read_all(mut next: impl FnMut() -> Option<Piece>) -> Read {
    let mut read = Read::default();
    loop {
        match next().unwrap() {
            Piece::Data(data) => read.data.extend_from_slice(&data),
            Piece::Trailers(trailers) => read.trailers = trailers,
            Piece::End => return read,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_message_is_read_as_it_was_sent(
        method in select(vec![Method::GET, Method::POST, Method::DELETE]),
        target in "/[!$-;=@-Z_a-z~%?]{0,40}",
        fields in headers(),
        upload in body(),
        status in select(vec![200_u16, 201, 404, 599]),
        answered in headers(),
        download in body(),
        case in select(vec![HeaderCase::Lower, HeaderCase::Title]),
    ) {
        let mut request = Request::builder().method(method.clone()).uri(&target).body(()).unwrap();
        *request.headers_mut() = fields.clone();
        request.headers_mut().insert("host", HeaderValue::from_static("a"));
        request.headers_mut().insert("te", HeaderValue::from_static("gzip, Trailers"));
        let (mut client, mut server) = (Client::new(Limits::RESPONSES), Server::new(Limits::REQUESTS));

        let mut out = Vec::new();
        client.send_head(RequestHead::from(&request), upload.size(), case, &mut out).unwrap();
        for piece in upload.pieces() {
            let behind = client.send_data(piece.len(), &mut out).unwrap();
            out.extend_from_slice(piece);
            out.extend_from_slice(behind);
        }
        client.send_trailers(&upload.trailers(), &mut out).unwrap();
        prop_assert!(client.is_sent());

        let mut buffer = BytesMut::from(&out[..]);
        let parts = server.read_head(&mut buffer).unwrap().unwrap();
        prop_assert_eq!((&parts.method, parts.uri.to_string()), (&method, target));
        let mut received = parts.headers;
        for name in ["content-length", "transfer-encoding"] {
            received.remove(name);
        }
        prop_assert_eq!(&received, request.headers());
        let expected = Read { data: upload.pieces().concat(), trailers: upload.trailers() };
        prop_assert_eq!(read_all(|| server.read_body(&mut buffer).unwrap()), expected);
        prop_assert!(buffer.is_empty());

        let mut response = Response::new(());
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        *response.headers_mut() = answered;
        out.clear();
        server.send_head(ResponseHead::from(&response), download.size(), None, case, &mut out).unwrap();
        let (last, others) = match download.pieces() {
            [others @ .., last] if download.trailers().is_empty() => (Some(last), others),
            all => (None, all),
        };
        for piece in others {
            let behind = server.send_data(piece.len(), &mut out).unwrap();
            out.extend_from_slice(piece);
            out.extend_from_slice(behind);
        }
        match last {
            Some(piece) => {
                let behind = server.send_last_data(piece.len(), &mut out).unwrap();
                out.extend_from_slice(piece);
                out.extend_from_slice(behind);
            }
            None => server.send_trailers(&download.trailers(), &mut out).unwrap(),
        }
        prop_assert!(server.is_sent());

        let mut buffer = BytesMut::from(&out[..]);
        let Ok(Some(Answer::Final(parts))) = client.read_head(&mut buffer) else { panic!("no answer") };
        prop_assert_eq!(parts.status, response.status());
        let mut received = parts.headers;
        for name in ["content-length", "transfer-encoding"] {
            received.remove(name);
        }
        prop_assert_eq!(&received, response.headers());
        let expected = Read { data: download.pieces().concat(), trailers: download.trailers() };
        prop_assert_eq!(read_all(|| client.read_body(&mut buffer).unwrap()), expected);
        prop_assert!(client.is_reusable(&buffer));
    }
}
