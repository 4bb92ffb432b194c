use axum::body::to_bytes;
use axum::http::HeaderMap;
use axum::http::header::{
    ACCEPT_ENCODING, ALLOW, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG,
    IF_NONE_MATCH, IF_RANGE, LOCATION, RANGE, VARY,
};
use tempfile::TempDir;

use super::*;
use crate::config::Symlinks;
use crate::route::Original;

/// What no client may ever read.
const CANARY: &str = "the canary sings";

/// A directory `root` with some files, and a canary in each place that isn't for clients.
fn tree() -> (TempDir, Files) {
    let place = tempfile::tempdir().unwrap();
    let root = place.path().join("root");
    for directory in ["sub", "admin", "api", ".git", ".well-known"] {
        std::fs::create_dir_all(root.join(directory)).unwrap();
    }
    for (name, text) in [
        ("index.html", "<h1>home</h1>"),
        ("about.html", "<h1>about</h1>"),
        ("a.txt", "0123456789"),
        ("a.txt.gz", "gzipped"),
        ("sub/index.html", "<h1>sub</h1>"),
        ("admin/x.txt", "x"),
        (".well-known/security.txt", "Contact: nobody"),
        (".htpasswd", CANARY),
        (".git/config", CANARY),
        ("sub/.env", CANARY),
        ("../secret.txt", CANARY),
        ("../admin", CANARY),
    ] {
        std::fs::write(root.join(name), text).unwrap();
    }
    #[cfg(unix)]
    for (target, link) in [
        ("../secret.txt", "out.txt"),
        ("..", "up"),
        (".git/config", "hidden.txt"),
        ("a.txt", "inside.txt"),
        ("ring", "ring"),
    ] {
        std::os::unix::fs::symlink(target, root.join(link)).unwrap();
    }
    (place, Files::below(root))
}

struct Answer {
    status: u16,
    headers: HeaderMap,
    text: String,
}

impl Answer {
    fn header(&self, name: axum::http::HeaderName) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

async fn ask(files: &Files, request: axum::http::request::Builder) -> Answer {
    let service = FilesService::new(files);
    let response = service.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let (head, body) = response.into_parts();
    let text = String::from_utf8(to_bytes(body, 1 << 20).await.unwrap().to_vec()).unwrap();
    Answer { status: head.status.as_u16(), headers: head.headers, text }
}

async fn get(files: &Files, path: &str) -> Answer {
    ask(files, Request::get(path)).await
}

#[tokio::test]
async fn files_and_directories_are_found() {
    let (_place, files) = tree();
    for (path, status, text) in [
        ("/", 200, "<h1>home</h1>"),
        ("/a.txt", 200, "0123456789"),
        ("/a%2Etxt", 200, "0123456789"),
        ("/a.txt?x=/../", 200, "0123456789"),
        ("/sub/", 200, "<h1>sub</h1>"),
        ("/inside.txt", 200, "0123456789"),
        ("/.well-known/security.txt", 200, "Contact: nobody"),
        ("/a.txt/", 404, "Not Found\n"),
        ("/a.txt/b", 404, "Not Found\n"),
        ("/about", 404, "Not Found\n"),
        ("/admin/", 404, "Not Found\n"),
        ("/none", 404, "Not Found\n"),
    ] {
        let answer = get(&files, path).await;
        assert_eq!((answer.status, &*answer.text), (status, text), "{path}");
    }
    let long = format!("/{}", "a".repeat(5000));
    assert_eq!(get(&files, &long).await.status, 404);
    let about = get(&Files { html: true, ..files.clone() }, "/about").await;
    assert_eq!((about.status, about.header(CONTENT_TYPE)), (200, Some("text/html")));
    assert_eq!(get(&Files { index: false, ..files }, "/").await.status, 404);
}

/// Every path of up to three segments of an alphabet that parsers are known to confuse (threat T20).
#[tokio::test]
async fn no_path_leads_out_of_the_root() {
    let alphabet = [
        "..",
        ".",
        "%2e%2e",
        ".%2e",
        "..;",
        "%2f",
        "%5c",
        "\\",
        "",
        "%00",
        "%0a..",
        "admin",
        "api",
        "up",
        "root",
        "..%2fsecret.txt",
        "secret.txt",
        "out.txt",
        "hidden.txt",
        ".git",
        "%2egit",
        "config",
        ".htpasswd",
        ".env",
        "sub",
        "%252e%252e",
    ];
    let (place, mut files) = tree();
    files.fallback = Some("/index.html".to_owned());
    // As an absolute path in a segment would lead there.
    let outside = format!("{}", place.path().join("secret.txt").display());
    let two = || alphabet.iter().flat_map(|a| alphabet.iter().map(move |b| format!("/{a}/{b}")));
    let three = two().flat_map(|path| alphabet.iter().map(move |c| format!("{path}/{c}")));
    let paths = two().chain(three).chain([outside.clone(), format!("/{outside}"), format!("/sub/{outside}")]);
    let mut tried = 0;
    for path in paths {
        let Ok(uri) = path.parse::<Uri>() else { continue };
        let answer = get(&files, &uri.to_string()).await;
        assert!(!answer.text.contains(CANARY), "{path}");
        assert!(matches!(answer.status, 200 | 301 | 404), "{path}: {}", answer.status);
        tried += 1;
    }
    assert!(tried > 15_000, "{tried}");
}

#[cfg(unix)]
#[tokio::test]
async fn symlinks_lead_out_only_if_they_may() {
    let (_place, mut files) = tree();
    for (path, inside, anywhere) in [
        ("/inside.txt", 200, 200),
        ("/out.txt", 404, 200),
        ("/up/secret.txt", 404, 200),
        ("/hidden.txt", 404, 200),
        ("/ring", 404, 404),
    ] {
        for (symlinks, status) in [(Symlinks::Inside, inside), (Symlinks::Anywhere, anywhere)] {
            files.symlinks = symlinks;
            assert_eq!(get(&files, path).await.status, status, "{path} {symlinks:?}");
        }
    }
}

/// A symlink to the current release is read at each request.
#[cfg(unix)]
#[tokio::test]
async fn the_root_may_be_a_symlink_that_changes() {
    let place = tempfile::tempdir().unwrap();
    let current = place.path().join("current");
    for release in ["one", "two"] {
        std::fs::create_dir(place.path().join(release)).unwrap();
        std::fs::write(place.path().join(release).join("v"), release).unwrap();
        let _none_at_first = std::fs::remove_file(&current);
        std::os::unix::fs::symlink(release, &current).unwrap();
        assert_eq!(get(&Files::below(&current), "/v").await.text, release);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn what_is_no_file_is_not_there() {
    let (_place, files) = tree();
    let socket = std::os::unix::net::UnixListener::bind(files.root.join("socket")).unwrap();
    for method in ["GET", "HEAD"] {
        assert_eq!(ask(&files, Request::builder().method(method).uri("/socket")).await.status, 404);
    }
    drop(socket);
}

#[tokio::test]
async fn only_reading_is_allowed() {
    let (_place, files) = tree();
    for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
        let answer = ask(&files, Request::builder().method(method).uri("/a.txt")).await;
        assert_eq!((answer.status, answer.header(ALLOW)), (405, Some("GET,HEAD")), "{method}");
        assert_eq!(answer.text, "Method Not Allowed\n");
    }
    let head = ask(&files, Request::head("/a.txt")).await;
    assert_eq!((head.status, head.header(CONTENT_LENGTH), &*head.text), (200, Some("10"), ""));
}

#[tokio::test]
async fn a_part_is_a_part_of_the_file_that_the_client_knows() {
    let (_place, files) = tree();
    let tag = get(&files, "/a.txt").await.header(ETAG).unwrap().to_owned();
    for (range, known, status, text) in [
        ("bytes=2-4", None, 206, "234"),
        ("bytes=-2", None, 206, "89"),
        ("bytes=2-4", Some(&*tag), 206, "234"),
        ("bytes=2-4", Some("\"other\""), 200, "0123456789"),
        ("bytes=2-4", Some("Thu, 01 Jan 1970 00:00:00 GMT"), 200, "0123456789"),
        ("bytes=99-", Some("\"other\""), 200, "0123456789"),
        ("bytes=0-1,4-5", None, 200, "0123456789"),
        ("pages=1-2", None, 200, "0123456789"),
        ("bytes=99-", None, 416, "Range Not Satisfiable\n"),
    ] {
        let request = Request::get("/a.txt").header(RANGE, range);
        let request = known.into_iter().fold(request, |request, known| request.header(IF_RANGE, known));
        let answer = ask(&files, request).await;
        assert_eq!((answer.status, &*answer.text), (status, text), "{range} {known:?}");
        let head = ask(&files, Request::head("/a.txt").header(RANGE, range)).await;
        assert_eq!((head.status, head.header(CONTENT_LENGTH)), (200, Some("10")), "HEAD {range}");
        let has_range = answer.headers.contains_key(CONTENT_RANGE);
        assert_eq!(has_range, matches!(status, 206 | 416), "{range} {known:?}");
    }
    let unchanged = ask(&files, Request::get("/a.txt").header(IF_NONE_MATCH, &tag)).await;
    assert_eq!((unchanged.status, &*unchanged.text), (304, ""));
}

#[tokio::test]
async fn what_was_compressed_before_is_used() {
    let (_place, mut files) = tree();
    let gzip = || Request::get("/a.txt").header(ACCEPT_ENCODING, "br, gzip");
    let plain = ask(&files, gzip()).await;
    assert_eq!((plain.header(CONTENT_ENCODING), &*plain.text), (None, "0123456789"));
    files.precompressed = vec![Coding::Brotli, Coding::Gzip];
    let answer = ask(&files, gzip()).await;
    assert_eq!((answer.header(CONTENT_ENCODING), &*answer.text), (Some("gzip"), "gzipped"));
    assert_eq!(
        (answer.header(CONTENT_TYPE), answer.header(VARY)),
        (Some("text/plain"), Some("accept-encoding"))
    );
    let tag = answer.header(ETAG).unwrap();
    let unchanged = ask(&files, gzip().header(IF_NONE_MATCH, tag)).await;
    assert_eq!((unchanged.status, unchanged.header(VARY)), (304, Some("accept-encoding")));
    let refused = ask(&files, Request::get("/a.txt").header(ACCEPT_ENCODING, "gzip;q=0")).await;
    assert_eq!((refused.header(CONTENT_ENCODING), &*refused.text), (None, "0123456789"));
}

#[tokio::test]
async fn a_page_that_draws_itself_is_everywhere() {
    let (_place, mut files) = tree();
    files.fallback = Some("/index.html".to_owned());
    let answer = get(&files, "/users/7").await;
    assert_eq!((answer.status, &*answer.text), (200, "<h1>home</h1>"));
    for hidden in ["/.git/config", "/.htpasswd", "/a/../b"] {
        assert_eq!(get(&files, hidden).await.status, 404, "{hidden}");
    }
}

#[tokio::test]
async fn a_directory_is_where_its_slash_is() {
    let (_place, files) = tree();
    for (original, path, location) in [
        (None, "/sub", "./sub/"),
        (None, "/sub?a=//b", "./sub/?a=//b"),
        (Some("/static/sub?x"), "/sub", "./sub/?x"),
        (Some("//evil.example/sub"), "/sub", "./sub/"),
    ] {
        let mut request = Request::get(path);
        if let Some(original) = original {
            request = request.extension(Original::of(&original.parse().unwrap()));
        }
        let answer = ask(&files, request).await;
        assert_eq!((answer.status, answer.header(LOCATION)), (301, Some(location)), "{original:?} {path}");
    }
    // The root of the files, by the prefix of its route. A page there would look for its pictures beside the prefix.
    let (at_prefix, prefix) = (Original::of(&"/static?x=//y".parse().unwrap()), "/static".len());
    for (original, path, status, location) in [
        (at_prefix.clone().below(prefix), "/", 301, Some("./static/?x=//y")),
        (at_prefix.clone().below(prefix), "/sub", 301, Some("./static/?x=//y")),
        (at_prefix, "/", 200, None),
        (Original::of(&"/static/".parse().unwrap()).below(prefix), "/", 200, None),
        (Original::of(&"/".parse().unwrap()), "/", 200, None),
    ] {
        let answer = ask(&files, Request::get(path).extension(original.clone())).await;
        assert_eq!((answer.status, answer.header(LOCATION)), (status, location), "{original:?} {path}");
    }
    let rewritten = Request::get("/sub").extension(Original::of(&"/old/name".parse().unwrap()));
    let answer = ask(&files, rewritten).await;
    assert_eq!((answer.status, &*answer.text), (200, "<h1>sub</h1>"));
    let rewritten = Request::get("/sub").extension(Original::of(&"/old/name".parse().unwrap()));
    let part = ask(&files, rewritten.header(RANGE, "bytes=0-1").header(IF_RANGE, "\"other\"")).await;
    assert_eq!((part.status, &*part.text), (200, "<h1>sub</h1>"));
}
