use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::{Ambiguous, Framing};

fn follow(bytes: impl AsRef<[u8]>) -> Option<Ambiguous> {
    Framing::default().follow(bytes.as_ref())
}

#[test]
fn one_framing_is_fine() {
    for head in [
        "GET / HTTP/1.1\r\n\r\n",
        "\r\n\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
        "POST / HTTP/1.1\nCONTENT-LENGTH:4\n\nabcd",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "GET / HTTP/1.1\r\nX-Content-Length: 1\r\nContent-Length-X: 1\r\nX: Content-Length: 1\r\n\r\n",
        "Content-Length: 1\r\nContent-Length: 1\r\n\r\n",
    ] {
        assert_eq!(follow(head), None, "{head:?}");
    }
}

#[test]
fn two_framings_are_not() {
    for fields in [
        "Content-Length: 1\r\nContent-Length: 1\r\n",
        "content-length: 1\r\nHost: a\r\nCONTENT-LENGTH: 2\r\n",
        "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: x\r\n",
        "Transfer-Encoding: chunked\nContent-Length: 0\n",
    ] {
        assert_eq!(follow(format!("POST / HTTP/1.1\r\n{fields}\r\n")), Some(Ambiguous(0)), "{fields:?}");
    }
}

#[test]
fn it_is_told_once() {
    let mut framing = Framing::default();
    let head = b"POST / HTTP/1.1\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(framing.follow(head), Some(Ambiguous(0)));
    assert_eq!(framing.follow(head), None);
}

/// Bodies that would be told of if they were taken for heads.
const BODIES: [&str; 4] = [
    "x",
    "\r\n\r\n",
    "GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
    "0\r\n\r\nA: b\n\n",
];

fn request() -> impl Strategy<Value = String> {
    let filler = select(vec!["", "Host: a\r\n", "Accept: content-length: 7\r\n"]);
    let long = any::<bool>()
        .prop_map(|long| if long { format!("Cookie: {}\r\n", "c".repeat(300)) } else { String::new() });
    let framed = prop_oneof![
        Just("\r\n".to_owned()),
        select(&BODIES).prop_map(|body| format!("Content-Length: {:03}\r\n\r\n{body}", body.len())),
        (
            vec(select(&BODIES), 0..4),
            select(vec!["", ";a=b", " "]),
            select(vec!["", "T: 1\r\nContent-Length: 3\r\n"])
        )
            .prop_map(|(chunks, extension, trailers)| {
                let chunks: String = chunks
                    .iter()
                    .map(|chunk| format!("{:x}{extension}\r\n{chunk}\r\n", chunk.len()))
                    .collect();
                format!("transfer-encoding: chunked\r\n\r\n{chunks}0\r\n{trailers}\r\n")
            }),
    ];
    (filler, long, framed)
        .prop_map(|(filler, long, framed)| format!("POST / HTTP/1.1\r\n{filler}{long}{framed}"))
}

proptest! {
    #[test]
    fn the_right_head_is_found_behind_any_bodies_in_any_pieces(
        requests in vec(request(), 0..8),
        cuts in vec(any::<Index>(), 0..20),
    ) {
        let count = requests.len() as u64;
        let mut bytes = requests.concat();
        prop_assert_eq!(follow(&bytes), None);
        bytes.push_str("POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n");

        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len())).collect();
        cuts.extend([0, bytes.len()]);
        cuts.sort_unstable();
        let mut framing = Framing::default();
        let told: Vec<_> =
            cuts.windows(2).filter_map(|cut| framing.follow(&bytes.as_bytes()[cut[0]..cut[1]])).collect();
        prop_assert_eq!(told, [Ambiguous(count)]);
    }
}
