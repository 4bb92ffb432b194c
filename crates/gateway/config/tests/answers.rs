//! What a route answers itself and what it changes of answers: what the keys mean, and their errors.

use http::StatusCode;
use tempfile::TempDir;

use super::refused::snapshot;
use super::*;

/// A route with these keys, and without a pool.
fn answering(keys: &str) -> String {
    format!("[routes.\"/a\"]\n{keys}\n")
}

/// The minimal file, with these keys in its route.
fn with_keys(keys: &str) -> String {
    format!("{MINIMAL}{keys}\n")
}

/// A directory with a page, and a directory with another.
fn files() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    std::fs::create_dir(directory.path().join("www")).unwrap();
    std::fs::write(directory.path().join("sorry.html"), "<h1>Sorry.</h1>").unwrap();
    std::fs::write(directory.path().join("www/index.html"), "home").unwrap();
    directory
}

/// The first route of a file in that directory.
fn route_in(directory: &TempDir, text: &str) -> Route {
    let name = directory.path().join("gateway.toml");
    let config =
        Config::parse(name.to_str().unwrap(), text, variable).unwrap_or_else(|error| panic!("{error}"));
    config.routes.into_iter().next().unwrap()
}

#[test]
fn what_a_route_answers_itself() {
    let directory = files();
    let action = |keys: &str| route_in(&directory, &answering(keys)).action;
    assert_eq!(action("respond = 404"), Action::Respond(Respond::new(StatusCode::NOT_FOUND)));
    let Action::Respond(respond) = action("respond = { file = \"sorry.html\", headers = { x-a = \"1\" } }")
    else {
        panic!("it responds")
    };
    let content = respond.content.unwrap();
    assert_eq!((respond.status.as_u16(), &*content.bytes), (200, &b"<h1>Sorry.</h1>"[..]));
    assert_eq!(
        (content.media_type.to_str().unwrap(), respond.headers["x-a"].to_str().unwrap()),
        ("text/html; charset=utf-8", "1")
    );
    let Action::Redirect(redirect) = action("redirect = { to = \"https://{host}/new\", status = 302 }")
    else {
        panic!("it redirects")
    };
    assert_eq!((redirect.status.as_u16(), redirect.origin.is_some()), (302, true));
    let all = "files = { root = \"www\", index = false, html = true, precompressed = [\"br\"], \
               fallback = \"index.html\", symlinks = \"anywhere\" }";
    let expected = Files {
        root: directory.path().join("www"),
        index: false,
        html: true,
        precompressed: vec![Coding::Brotli],
        fallback: Some("/index.html".to_owned()),
        symlinks: Symlinks::Anywhere,
    };
    assert_eq!(action(all), Action::Files(expected));
    assert_eq!(action("files = \"www\""), Action::Files(Files::below(directory.path().join("www"))));
}

#[test]
fn what_a_route_changes_of_answers() {
    let directory = files();
    let answers = |keys: &str| route_in(&directory, &with_keys(keys)).answers;
    assert_eq!(answers(""), Answers::default());
    assert_eq!(
        answers("errors = true\ncompression = false\nsecurity_headers = false"),
        Answers { errors: Some(Errors::default()), ..Answers::default() }
    );
    let errors = answers("errors = { 502 = \"sorry.html\", 5xx = { body = \"later\" }, problem = false }")
        .errors
        .unwrap();
    let page = |status| errors.page(StatusCode::from_u16(status).unwrap()).map(|page| page.bytes.as_ref());
    assert_eq!(page(502), Some(&b"<h1>Sorry.</h1>"[..]));
    assert_eq!((page(504), page(404)), (Some(&b"later"[..]), None));
    assert!(!errors.problem && !errors.intercept);
    let cors = answers("cors = { origins = \"*\", methods = [\"PUT\"] }").cors.unwrap();
    assert_eq!((cors.origins, cors.methods), (Listed::Any, Listed::These(vec![http::Method::PUT])));
    let fields =
        answers("security_headers = { frames = false, nosniff = false }").security_headers.unwrap().fields;
    assert_eq!(fields.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["referrer-policy"]);
}

#[cfg(feature = "compression")]
#[test]
fn what_is_compressed() {
    let text =
        "compression = { algorithms = [\"gzip\"], types = [\"text/*\"], min_size = \"2KiB\", level = 9 }";
    let config = parse(with_keys(text)).unwrap();
    let compression = config.routes[0].answers.compression.as_ref().unwrap();
    assert_eq!((compression.algorithms.as_slice(), compression.min_size), (&[Coding::Gzip][..], 2048));
    assert_eq!((compression.level, compression.types.len()), (Some(9), 1));
    assert_eq!(
        parse(with_keys("compression = true")).unwrap().routes[0].answers.compression,
        Some(Compression::default())
    );
}

#[test]
fn respond() {
    snapshot(
        "respond",
        [
            ("no status", answering("respond = 99")),
            ("a text", answering("respond = \"ok\"")),
            ("two bodies", answering("respond = { body = \"a\", file = \"b\" }")),
            ("a body where none is", answering("respond = { status = 204, body = \"a\" }")),
            ("a type of nothing", answering("respond = { content_type = \"text/html\" }")),
            ("no type", answering("respond = { body = \"a\", content_type = \"html\" }")),
            ("no such file", answering("respond = { file = \"nowhere/sorry.html\" }")),
            (
                "fields of the framing",
                answering("respond = { headers = { content-length = \"1\", \"a b\" = \"1\", x = \"\\n\" } }"),
            ),
            ("an unknown key", answering("respond = { statuss = 200 }")),
        ],
    );
}

#[test]
fn redirect() {
    snapshot(
        "redirect",
        [
            ("a number", answering("redirect = 301")),
            ("no place", answering("redirect = { status = 301 }")),
            ("another status", answering("redirect = { to = \"/x\", status = 304 }")),
            ("another host", answering("redirect = \"//example.com\"")),
            ("a host of the client's", answering("redirect = \"https://{header.x-host}/\"")),
            ("no host", answering("redirect = \"https:///x\"")),
            ("another scheme", answering("redirect = \"ftp://example.com/\"")),
            ("an unknown name", answering("redirect = \"https://example.com/{pth}\"")),
            ("an unknown key", answering("redirect = { to = \"/x\", code = 301 }")),
            ("a variable of nginx", answering("redirect = \"https://$host$request_uri\"")),
        ],
    );
}

#[test]
fn files_refused() {
    snapshot(
        "files",
        [
            ("no directory", answering("files = \"Cargo.toml\"")),
            ("nothing there", answering("files = \"nowhere\"")),
            ("no root", answering("files = { index = true }")),
            ("another coding", answering("files = { root = \".\", precompressed = [\"deflate\"] }")),
            ("a fallback outside", answering("files = { root = \".\", fallback = \"../x\" }")),
            ("a fallback that isn't there", answering("files = { root = \".\", fallback = \"/x.html\" }")),
            ("other symlinks", answering("files = { root = \".\", symlinks = \"follow\" }")),
            ("an unknown key", answering("files = { root = \".\", indx = true }")),
        ],
    );
}

#[test]
fn errors() {
    snapshot(
        "errors",
        [
            ("a text", with_keys("errors = \"sorry.html\"")),
            ("other statuses", with_keys("errors = { 200 = { body = \"a\" }, 3xx = { body = \"a\" } }")),
            ("no such file", with_keys("errors = { 502 = \"nowhere/sorry.html\" }")),
            ("no page", with_keys("errors = { 502 = { content_type = \"text/html\" }, 503 = 1 }")),
            ("nothing to intercept with", with_keys("errors = { intercept = true }")),
            ("an unknown key", with_keys("errors = { problems = true }")),
            (
                "intercept for all",
                format!("errors = {{ intercept = true, 502 = {{ body = \"a\" }} }}\n{MINIMAL}"),
            ),
            ("a status for all", format!("[errors]\n302 = {{ body = \"a\" }}\n{MINIMAL}")),
        ],
    );
}

/// Browsers send no other method before it, so nobody elsewhere could use such a route.
#[test]
fn cors_needs_preflights() {
    for (conditions, expected) in [
        ("", vec![]),
        ("methods = [\"PUT\"]", vec!["with OPTIONS"]),
        ("methods = [\"PUT\", \"OPTIONS\"]", vec![]),
        (
            "headers = { authorization = { exists = true }, x-a = \"1\" }",
            vec!["without authorization", "without x-a"],
        ),
        ("headers = { x-a = { exists = false }, x-b = { not = \"1\" } }", vec![]),
        ("headers = { origin = \"https://app.example\", sec-fetch-site = \"cross-site\" }", vec![]),
    ] {
        let cors = "cors = { origins = [\"https://app.example\"] }";
        let config =
            parse(format!("[[route]]\nexact = \"/a\"\nrespond = 200\n{conditions}\n{cors}\n")).unwrap();
        let warnings: Vec<_> = config.warnings.iter().map(|warning| warning.message.as_str()).collect();
        assert_eq!(warnings.len(), expected.len(), "{conditions}: {warnings:?}");
        for (warning, said) in warnings.iter().zip(expected) {
            assert!(warning.contains(said), "{conditions}: {warning}");
        }
    }
}

#[test]
fn errors_of_all_routes() {
    let directory = files();
    let read = |text: &str| {
        let name = directory.path().join("gateway.toml");
        let text = format!("{text}\n{MINIMAL}");
        Config::parse(name.to_str().unwrap(), text, variable).unwrap_or_else(|error| panic!("{error}"))
    };
    assert_eq!((read("").errors, read("errors = false").errors), (None, None));
    assert_eq!(read("errors = true").errors, Some(Errors::default()));
    let config = read("[errors]\n502 = \"sorry.html\"\nproblem = false");
    let errors = config.errors.unwrap();
    assert_eq!(errors.page(StatusCode::BAD_GATEWAY).unwrap().bytes, "<h1>Sorry.</h1>");
    assert!(!errors.problem && !errors.intercept);
    // It is watched, so that another one is read when it changes.
    let watched: Vec<_> = config.origin.as_ref().unwrap().files().collect();
    assert_eq!(watched, [directory.path().join("sorry.html")]);
    assert_eq!(config.routes[0].answers.errors, None);
    let none = parse(with_keys("errors = false")).unwrap();
    assert_eq!(none.routes[0].answers.errors, Some(Errors::none()));
}

#[test]
fn cors() {
    snapshot(
        "cors",
        [
            ("true", with_keys("cors = true")),
            ("no origins", with_keys("cors = { methods = [\"PUT\"] }")),
            (
                "no such origins",
                with_keys(
                    "cors = { origins = [\"app.example\", \"https://App.example\", \"https://a.example/\", \
                     \"https://a.example:443\", \"https://*.*.example\", \"null\", \"*\", 1] }",
                ),
            ),
            ("one origin", with_keys("cors = { origins = \"https://a.example\" }")),
            ("anyone with credentials", with_keys("cors = { origins = \"*\", credentials = true }")),
            (
                "anything with credentials",
                with_keys(
                    "cors = { origins = [\"https://a.example\"], credentials = true, headers = \"*\" }",
                ),
            ),
            (
                "no names",
                with_keys("cors = { origins = \"*\", methods = [\"put\"], headers = [\"a b\"], expose = 1 }"),
            ),
            ("no age", with_keys("cors = { origins = \"*\", max_age = 5 }")),
            ("an unknown key", with_keys("cors = { origins = \"*\", origin = \"*\" }")),
        ],
    );
}

#[cfg(feature = "compression")]
#[test]
fn compression() {
    snapshot(
        "compression",
        [
            ("a text", with_keys("compression = \"gzip\"")),
            ("other algorithms", with_keys("compression = { algorithms = [\"deflate\"] }")),
            ("none", with_keys("compression = { algorithms = [] }")),
            ("no types", with_keys("compression = { types = [\"html\", \"*/*\"] }")),
            ("a level too high", with_keys("compression = { level = 10 }")),
            ("a size without unit", with_keys("compression = { min_size = \"1x\" }")),
            ("an unknown key", with_keys("compression = { algorithm = [\"gzip\"] }")),
        ],
    );
}

#[test]
fn security_headers() {
    snapshot(
        "security_headers",
        [
            ("a list", with_keys("security_headers = [\"nosniff\"]")),
            ("other frames", with_keys("security_headers = { frames = \"sameorigin\" }")),
            ("another referrer", with_keys("security_headers = { referrer = \"none\" }")),
            ("no policy", with_keys("security_headers = { content = \"\", permissions = 1 }")),
            ("hsts", with_keys("security_headers = { hsts = \"365d\" }")),
        ],
    );
}
