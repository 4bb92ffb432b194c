//! Files that are refused before their keys are read, and files that are made to do harm.

use super::*;

#[test]
fn bytes_that_are_no_text() {
    for (bytes, rendered) in [
        (
            &b"listen = \"\xff\"\n"[..],
            "gateway.toml:1:11: the byte 0xff is not UTF-8, expected a TOML file, which is UTF-8 text",
        ),
        (
            b"# \xc3\xa9\n# \xc3\xa9 \xc3",
            "gateway.toml:2:5: the byte 0xc3 is not UTF-8, expected a TOML file, which is UTF-8 text",
        ),
        (
            b"\x7fELF\x02\x01\x01\x00\x80",
            "gateway.toml:1:9: the byte 0x80 is not UTF-8, expected a TOML file, which is UTF-8 text",
        ),
    ] {
        assert_eq!(parse(bytes).unwrap_err().to_string(), rendered);
    }
}

#[test]
fn files_that_cannot_be_read() {
    let directory = tempfile::tempdir().unwrap();
    let missing = directory.path().join("gateway.toml");
    let error = Config::load(&missing).unwrap_err().to_string();
    assert!(error.starts_with(&format!("{}: can't be read: No such file", missing.display())), "{error}");
    let error = Config::load(directory.path()).unwrap_err().to_string();
    assert!(error.contains("can't be read: Is a directory"), "{error}");
}

#[test]
fn files_are_read_up_to_their_limit() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("gateway.toml");
    let comment = |length: usize| format!("{MINIMAL}#{}", "x".repeat(length - MINIMAL.len() - 1));
    std::fs::write(&file, comment(MAX_FILE_SIZE)).unwrap();
    assert!(Config::load(&file).is_ok());
    std::fs::write(&file, comment(MAX_FILE_SIZE + 1)).unwrap();
    let error = Config::load(&file).unwrap_err().to_string();
    assert!(
        error.ends_with("larger than 1048576 bytes, expected a configuration of at most 1 MiB"),
        "{error}"
    );
}

#[test]
fn a_flood_of_errors_is_counted() {
    let text: String = (0..50_000).map(|key| format!("k{key} = 1\n")).collect();
    let errors = parse(text).unwrap_err();
    assert_eq!(errors.len(), 1000);
    let last = errors.iter().last().unwrap().message.clone();
    assert!(last.ends_with("(and 49001 more like these)"), "{last}");
}

#[test]
fn long_lines_and_escapes_are_tamed() {
    let text = format!("x = \"{}\" # \u{1b}[31m\n", "y".repeat(1000)) + MINIMAL;
    let errors = parse(text).unwrap_err().to_string();
    assert!(!errors.contains('\u{1b}') && errors.lines().all(|line| line.len() < 300), "{errors}");
}

/// toml's parser reads up to the next separator, and doesn't check that the text is a number.
#[test]
fn a_control_character_in_a_number_is_tamed() {
    let errors = parse(format!("workers = 1_000\u{1f}0001\n{MINIMAL}")).unwrap_err().to_string();
    assert!(errors.chars().all(|c| c == '\n' || !c.is_control()), "{errors:?}");
}

/// The largest file has this many routes and pools. Each name is looked up, and each prefix is compared with the
/// others.
#[test]
fn a_megabyte_of_routes_is_accepted() {
    let route = |n: usize| {
        format!("[pools.p{n}]\nupstreams = [\"http://a{n}\"]\n[routes.\"/r{n}\"]\npool = \"p{n}\"\n")
    };
    let text: String = (0..12_000).map(route).collect();
    assert!((900_000..MAX_FILE_SIZE).contains(&text.len()), "{}", text.len());
    let config = parse(text).unwrap();
    assert_eq!((config.pools.len(), config.routes.len()), (12_000, 12_000));
    assert!(config.routes.iter().all(|route| config.pool_of(route).unwrap().name[1..] == route.name[2..]));
}
