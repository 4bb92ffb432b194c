//! What holds for any file.

use proptest::prelude::*;

use super::*;

/// The lines of a valid file. Tests leave lines out, and repeat, cut and shuffle them.
const LINES: [&str; 29] = [
    "listen = \"127.0.0.1:8080\"",
    "listen = ",
    "workers = 2",
    "trusted_proxies = [\"10.0.0.0/8\", 7]",
    "[timeouts]",
    "connect = \"5s\"",
    "connect.x = 5",
    "[limits]",
    "uri = 1_000",
    "[pools]",
    "[pools.api]",
    "[[pools.api]]",
    "upstreams = [\"http://127.0.0.1:9001\"]",
    "upstreams = [{ url = \"http://a\", weight = 2 }, ",
    "]",
    "balance = { hash = \"header:\" }",
    "health = { path = \"/\", status = \"200-\" }",
    "outliers = false",
    "queue.size = 0",
    "affinity = { cookie = \"gw\", secret = 7 }",
    "[routes]",
    "[routes.\"/api\"]",
    "[[routes]]",
    "pool = \"api\"",
    "admin_tokens = [\"letmein\", { token = \"x\", expires = 2027-01-01T00:00:00Z }]",
    "admin_tokens = \"\"\"",
    "\u{feff}",
    "\"\" = { '' = {} }",
    "a.b.c.d = [[[{}]]]",
];

/// The file is accepted, or every error has a place within it. There is never a panic.
fn is_ok_or_located(bytes: &[u8]) -> Result<(), TestCaseError> {
    let Err(errors) = parse(bytes) else { return Ok(()) };
    prop_assert!(errors.len() > 0);
    let lines = bytes.split(|b| *b == b'\n').count();
    let mut last = Position { line: 1, column: 1 };
    for error in &errors {
        let position = error.position.expect("a position");
        prop_assert!((1..=lines).contains(&position.line), "{}", error);
        prop_assert!(position.column >= 1 && position >= last, "{} after {:?}", error, last);
        last = position;
    }
    let rendered = errors.to_string();
    prop_assert!(rendered.starts_with("gateway.toml:"));
    prop_assert!(rendered.chars().all(|c| c == '\n' || !c.is_control()), "{:?}", rendered);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..4096)) {
        is_ok_or_located(&bytes)?;
    }

    #[test]
    fn any_text(text in "[\\[\\]{}\"'=.,#a-z0-9 \\n\\\\\u{1}-\u{1f}\u{80}-\u{10ffff}]{0,400}") {
        is_ok_or_located(text.as_bytes())?;
    }

    #[test]
    fn any_mixture_of_lines(lines in prop::collection::vec(prop::sample::select(LINES.as_slice()), 0..30)) {
        is_ok_or_located(lines.join("\n").as_bytes())?;
    }

    #[test]
    fn the_example_cut_or_changed_anywhere(at in 0_usize..10_000, byte in any::<u8>(), cut in any::<bool>()) {
        let mut bytes = include_bytes!("../../../../examples/gateway.toml").to_vec();
        let at = at % bytes.len();
        if cut { bytes.truncate(at) } else { bytes[at] = byte }
        is_ok_or_located(&bytes)?;
    }

    /// A configuration that is written to a file and read again is the same.
    #[test]
    fn timeouts_survive_a_round_trip(millis in prop::collection::vec(1_u64..31_536_000_000, 10)) {
        let durations: Vec<_> = millis.iter().copied().map(std::time::Duration::from_millis).collect();
        let [connect, response_head, body_idle, request_head, keep_alive, tunnel_idle, request, shutdown, shutdown_delay, drain] =
            durations[..] else { unreachable!("ten") };
        let timeouts = Timeouts {
            connect, response_head, body_idle, request_head, keep_alive, tunnel_idle, shutdown, shutdown_delay, drain,
            request: Some(request),
        };
        let keys = ["connect", "response_head", "body_idle", "request_head", "keep_alive", "tunnel_idle", "request", "shutdown",
            "shutdown_delay", "drain"];
        let lines = keys.iter().zip(&durations);
        let lines: Vec<_> = lines.map(|(key, value)| format!("{key} = \"{}\"", humantime::format_duration(*value))).collect();
        let file = format!("[timeouts]\n{}\n{MINIMAL}", lines.join("\n"));
        prop_assert_eq!(parse(file).unwrap().timeouts, timeouts);
    }
}

/// toml's parser limits its own recursion. The code that walks over its result must not overflow the stack either.
#[test]
fn deep_nesting_is_an_error() {
    for (open, close) in [("[", "]"), ("{a=", "}")] {
        let text = format!("a = {}1{}\n", open.repeat(100_000), close.repeat(100_000));
        assert!(parse(text).is_err());
    }
    let dotted = format!("{}a = 1\n", "a.".repeat(100_000));
    assert!(parse(dotted).is_err());
}
