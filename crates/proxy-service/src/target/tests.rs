use super::invalid::FoundSocket;
use super::*;

fn found(text: &str) -> Option<Found> {
    text.parse::<Target>().err().map(|error| error.found())
}

#[test]
fn good_targets() {
    for (text, base, shown) in [
        ("http://a", "", "http://a"),
        ("http://a/", "", "http://a"),
        ("http://127.0.0.1:9001", "", "http://127.0.0.1:9001"),
        ("http://[::1]:9001/v1", "/v1", "http://[::1]:9001/v1"),
        ("http://a/v1/", "/v1", "http://a/v1"),
        ("http://a/v1%2Fx", "/v1%2Fx", "http://a/v1%2Fx"),
        ("http://unix", "", "http://unix"),
        ("http://unix:80/run/app", "/run/app", "http://unix:80/run/app"),
    ] {
        let target: Target = text.parse().unwrap();
        assert_eq!((target.base_path(), target.to_string().as_str()), (base, shown), "{text}");
        assert_eq!(target.unix_socket(), None, "{text}");
    }
}

#[test]
fn one_at_an_address_is_another_target_with_the_same_host() {
    for (text, address, shown) in [
        ("http://a", "192.0.2.1:80", "http://a (192.0.2.1)"),
        ("http://a:8080/v1", "192.0.2.1:8080", "http://a:8080/v1 (192.0.2.1)"),
        ("http://a:8080", "192.0.2.1:80", "http://a:8080 (192.0.2.1:80)"),
        ("http://a", "[2001:db8::1]:80", "http://a (2001:db8::1)"),
        ("http://a", "[2001:db8::1]:81", "http://a ([2001:db8::1]:81)"),
    ] {
        let named: Target = text.parse().unwrap();
        let at = named.clone().at(address.parse().unwrap());
        assert_eq!(at.to_string(), shown);
        assert_eq!(at.address(), Some(address.parse().unwrap()));
        assert_eq!((at.host(), at.base_path()), (named.host(), named.base_path()));
        assert_ne!(at, named);
        assert_eq!(at.without_base_path().address(), at.address());
    }
}

#[test]
fn bad_targets_say_why() {
    for (text, why) in [
        ("", Found::NotAUri),
        ("a b", Found::NotAUri),
        ("127.0.0.1:9001", Found::NoScheme),
        ("/v1", Found::NoScheme),
        ("ftp://a", Found::OtherScheme),
        ("http://u:p@a", Found::Userinfo),
        ("http://a:0", Found::Authority),
        ("http://a:99999", Found::Authority),
        ("http://a?x", Found::Query),
        ("http://a/#x", Found::Query),
        ("http://a/v1/../x", Found::Path),
        ("http://a/%00", Found::Path),
        ("http://a/b\\c", Found::Path),
    ] {
        assert_eq!(found(text), Some(why), "{text}");
    }
}

#[test]
fn names_in_other_letters_have_another_form() {
    for text in ["http://bücher.example", "https://例え.jp:80/a", "http://a.b\u{301}?x"] {
        assert_eq!(found(text), Some(Found::International), "{text}");
    }
    assert_eq!(found("http://a/ü"), Some(Found::Path));
    assert_eq!(
        "http://a/ü".parse::<Target>().unwrap_err().to_string(),
        "expected http://HOST[:PORT][/BASE], found a base path with dot segments, backslashes, control characters or \
         more than ASCII in \"http://a/ü\""
    );
    assert!("http://xn--bcher-kva.example".parse::<Target>().is_ok());
}

#[test]
fn errors_show_no_password() {
    for text in [
        "http://me:secret@a",
        "http://me:se cret@a",
        "http://me:se/cret@a",
        "me:secret@a",
        "ftp://me:secret@a",
    ] {
        let error = text.parse::<Target>().unwrap_err();
        assert!(!format!("{error} {error:?}").contains("cret"), "{text}: {error}");
    }
}

#[test]
fn https_needs_the_feature() {
    assert_eq!("https://a".parse::<Target>().is_ok(), cfg!(feature = "tls"));
}

#[cfg(unix)]
#[test]
fn good_unix_sockets() {
    for (text, socket, base, shown) in [
        ("http://unix:/run/app.sock", "/run/app.sock", "", "http://unix:/run/app.sock"),
        ("http://unix:/run/app.sock:/", "/run/app.sock", "", "http://unix:/run/app.sock"),
        ("http://unix:/run/app.sock:/v1/", "/run/app.sock", "/v1", "http://unix:/run/app.sock:/v1"),
        ("HTTP://unix:/a:/b:c", "/a", "/b:c", "http://unix:/a:/b:c"),
        ("http://unix:/run/a b@1/é", "/run/a b@1/é", "", "http://unix:/run/a b@1/é"),
    ] {
        let target: Target = text.parse().unwrap();
        assert_eq!(target.unix_socket(), Some(Path::new(socket)), "{text}");
        assert_eq!((target.base_path(), target.to_string().as_str()), (base, shown), "{text}");
        assert_eq!((target.scheme(), target.authority().as_str()), (&Scheme::HTTP, "localhost"), "{text}");
        assert_eq!(target.host(), "localhost", "{text}");
        assert_eq!(target.without_base_path().to_string(), format!("http://unix:{socket}"), "{text}");
    }
}

#[cfg(unix)]
#[test]
fn bad_unix_sockets_say_why() {
    let too_long = format!("http://unix:/{}", "x".repeat(108));
    for (text, why) in [
        ("ftp://unix:/a", Found::OtherScheme),
        ("http://unix:/a:/v1/../x", Found::Path),
        ("http://unix:/a:/%00", Found::Path),
        ("https://unix:/a", Found::Socket(FoundSocket::Tls)),
        ("http://unix:/", Found::Socket(FoundSocket::NoFile)),
        ("http://unix:/run/:/v1", Found::Socket(FoundSocket::NoFile)),
        ("http://unix:/a\0b", Found::Socket(FoundSocket::Control)),
        (&too_long, Found::Socket(FoundSocket::Unfit)),
        ("http://unix:/a?x", Found::Socket(FoundSocket::Query)),
        ("http://unix:/a:/v1#x", Found::Socket(FoundSocket::Query)),
        ("http://unix:/a:", Found::Socket(FoundSocket::AfterSocket)),
        ("http://unix:/a:80", Found::Socket(FoundSocket::AfterSocket)),
    ] {
        assert_eq!(found(text), Some(why), "{text}");
    }
    assert_eq!(
        "https://unix:/a".parse::<Target>().unwrap_err().to_string(),
        "expected http://unix:/SOCKET[:/BASE], found TLS, which is not spoken over a Unix socket, \
         in \"https://unix:/a\""
    );
}
