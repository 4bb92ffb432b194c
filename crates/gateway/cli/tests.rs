use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};

use super::*;

fn parse(line: &str) -> Result<Cli, ErrorKind> {
    Cli::try_parse_from(line.split_whitespace()).map_err(|error| error.kind())
}

#[test]
fn is_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn nothing_at_all_serves_the_demo() {
    let cli = parse("gateway").unwrap();
    assert!(cli.serve.config.is_none() && cli.serve.listen.is_none() && cli.command.is_none());
    assert_eq!(cli.serve.log_format, None);
}

#[test]
fn serves_a_file() {
    let cli = parse("gateway --config gateway.toml --listen [::1]:80 --log-format json").unwrap();
    assert_eq!(cli.serve.config.unwrap().to_str(), Some("gateway.toml"));
    assert_eq!(cli.serve.listen.unwrap().to_string(), "[::1]:80");
    assert_eq!(cli.serve.log_format, Some(LogFormat::Json));
}

#[test]
fn not_watching_needs_a_file() {
    assert!(parse("gateway --config gateway.toml --no-watch").unwrap().serve.no_watch);
    assert_eq!(parse("gateway --no-watch").unwrap_err(), ErrorKind::MissingRequiredArgument);
}

#[test]
fn checks_a_file() {
    let cli = parse("gateway check --config gateway.toml").unwrap();
    assert!(
        matches!(cli.command, Some(Command::Check(CheckArgs { config })) if config.to_str() == Some("gateway.toml"))
    );
}

#[test]
fn runs_a_backend() {
    let cli = parse("gateway backend 9001").unwrap();
    assert!(
        matches!(cli.command, Some(Command::Backend(BackendArgs { port: 9001, host })) if host.is_loopback())
    );
    let cli = parse("gateway backend 0 --host ::").unwrap();
    assert!(
        matches!(cli.command, Some(Command::Backend(BackendArgs { port: 0, host })) if host.is_unspecified())
    );
}

#[test]
fn refuses_what_would_be_ignored_or_misread() {
    for (line, kind) in [
        ("gateway check", ErrorKind::MissingRequiredArgument),
        ("gateway upgrade", ErrorKind::MissingRequiredArgument),
        ("gateway upgrade --pid 1 --pid-file a", ErrorKind::ArgumentConflict),
        ("gateway backend", ErrorKind::MissingRequiredArgument),
        ("gateway backend 65536", ErrorKind::ValueValidation),
        ("gateway --listen http://localhost:80", ErrorKind::ValueValidation),
        ("gateway --listen 127.0.0.1", ErrorKind::ValueValidation),
        ("gateway --log-format xml", ErrorKind::InvalidValue),
        ("gateway --config a.toml check --config b.toml", ErrorKind::ArgumentConflict),
        ("gateway gateway.toml", ErrorKind::InvalidSubcommand),
    ] {
        assert_eq!(parse(line).map(|_| ()), Err(kind), "{line}");
    }
}

#[test]
fn ctl_says_by_itself_where_the_operator_s_listener_is() {
    for line in ["gateway ctl --admin unix:/a --json status", "gateway ctl status --json --admin unix:/a"] {
        let cli = parse(line).unwrap();
        let Some(Command::Ctl(args)) = cli.command else { panic!("{line}") };
        assert_eq!((args.admin.as_deref(), args.json), (Some("unix:/a"), true), "{line}");
        assert_eq!(cli.serve.admin, None);
    }
}
