//! The operator's listener of the binary: its socket, its thread, reloads and upgrades.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt as _;

use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;
use tokio::process::Command;

use crate::support::gateway::one_pool;
use crate::support::process::{Process, Signal};
use crate::support::raw::RawClient;
use crate::support::successor::Successor;
use crate::support::within;

/// The gateway with a configuration file in a directory of its own.
struct Operated {
    process: Process,
    directory: TempDir,
}

impl Operated {
    fn start(config: &str, args: &[&str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("gateway.toml");
        std::fs::write(&file, one_pool("http://127.0.0.1:1", &filled(config, &directory))).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_gateway"));
        command.arg("--config").arg(&file).args(args).env("RUST_LOG", "info");
        command.arg("--pid-file").arg(directory.path().join("pid"));
        Self { process: Process::start(command), directory }
    }

    fn write(&self, config: &str) {
        let config = one_pool("http://127.0.0.1:1", &filled(config, &self.directory));
        std::fs::write(self.directory.path().join("gateway.toml"), config).unwrap();
    }

    async fn upgrade(&self) -> Successor {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gateway"));
        let pid_file = self.directory.path().join("pid");
        // The operator is answered before it is written.
        within("the pid file", async {
            while !pid_file.exists() {
                tokio::task::yield_now().await;
            }
        })
        .await;
        command.arg("upgrade").arg("--pid-file").arg(&pid_file);
        let done = within("the upgrade", command.output()).await.unwrap();
        assert!(done.status.success(), "{done:?} {:#?}", self.process.lines());
        Successor::named_in(&pid_file)
    }
}

fn filled(config: &str, directory: &TempDir) -> String {
    format!("listen = \"127.0.0.1:0\"\n{}", config.replace("DIR", directory.path().to_str().unwrap()))
}

async fn get(client: &mut RawClient, addr: SocketAddr, path: &str) -> (u16, String) {
    client.send(format!("GET {path} HTTP/1.1\r\nHost: {addr}\r\n\r\n")).await;
    let answer = client.response().await;
    (answer.status(), answer.text())
}

async fn get_once(addr: SocketAddr, path: &str) -> (u16, String) {
    get(&mut RawClient::connect(addr).await, addr, path).await
}

#[tokio::test]
async fn it_is_announced_and_never_on_the_public_listener() {
    let gateway = Operated::start("[admin]\nlisten = \"127.0.0.1:0\"", &[]);
    let operator = gateway.process.operator().await.addr;
    assert_eq!(get_once(operator, "/livez").await, (200, "alive\n".to_owned()));
    assert_eq!(get_once(operator, "/api/v1/status").await.0, 200);
    let line = gateway.process.line_with("gateway on http://").await;
    let public: SocketAddr = line.trim_start_matches("gateway on http://").parse().unwrap();
    for path in ["/livez", "/metrics", "/events", "/page.css"] {
        assert_eq!(get_once(public, path).await.0, 404, "{path}");
    }
}

#[tokio::test]
async fn the_command_line_says_where_instead() {
    let gateway = Operated::start("", &["--admin", "127.0.0.1:0"]);
    assert_eq!(get_once(gateway.process.operator().await.addr, "/livez").await.0, 200);
    for (config, args, said) in [
        ("", &["--admin", "0.0.0.0:0"][..], "it needs admin_tokens"),
        ("[admin]\nlisten = \"0.0.0.0:0\"", &[], "nobody would need a token"),
    ] {
        let mut refused = Operated::start(config, args);
        assert_eq!(refused.process.exit().await.code(), Some(2));
        refused.process.line_with(said).await;
    }
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let addr = taken.local_addr().unwrap().to_string();
    let mut refused = Operated::start("", &["--admin", &addr]);
    assert_eq!(refused.process.exit().await.code(), Some(2));
    refused.process.line_with("--admin ADDR").await;
}

#[tokio::test]
async fn over_a_unix_socket() {
    let mut gateway = Operated::start("[admin]\nlisten = \"unix:DIR/admin.sock\"", &[]);
    gateway.process.line_with("operator's API on unix:").await;
    let path = gateway.directory.path().join("admin.sock");
    let mut stream = UnixStream::connect(&path).await.unwrap();
    stream.write_all(b"GET /livez HTTP/1.0\r\nHost: anything\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    within("the answer", stream.read_to_string(&mut answer)).await.unwrap();
    assert!(answer.ends_with("\r\n\r\nalive\n"), "{answer}");
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o007, 0, "others of this machine can't connect: {mode:o}");
    gateway.process.signal(Signal::Term).await;
    assert_eq!(gateway.process.exit().await.code(), Some(0));
    assert!(!path.exists());
}

#[tokio::test]
async fn a_reload_changes_all_but_the_address() {
    let gateway = Operated::start("[admin]\nlisten = \"127.0.0.1:0\"", &["--no-watch"]);
    let operator = gateway.process.operator().await.addr;
    let mut client = RawClient::connect(operator).await;
    assert_eq!(get(&mut client, operator, "/api/v1/status").await.0, 200);
    gateway.write("[admin]\nlisten = \"127.0.0.1:0\"\nadmin_tokens = [\"0123456789abcdef\"]");
    gateway.process.signal(Signal::Hup).await;
    gateway.process.line_with("settings ~admin").await;
    assert_eq!(get(&mut client, operator, "/api/v1/status").await.0, 401, "on the same connection");
    gateway.write("[admin]\nlisten = \"127.0.0.1:9\"");
    gateway.process.signal(Signal::Hup).await;
    let line = gateway.process.line_with("refused: ").await;
    assert!(line.contains("gateway.toml:2:2: admin can't change while the gateway runs"), "{line}");
    assert_eq!(get(&mut client, operator, "/api/v1/status").await.0, 401);
}

#[tokio::test]
async fn it_goes_to_the_process_that_takes_over() {
    let gateway = Operated::start("[admin]\nlisten = \"127.0.0.1:0\"", &[]);
    let operator = gateway.process.operator().await.addr;
    let before: serde_json::Value =
        serde_json::from_str(&get_once(operator, "/api/v1/status").await.1).unwrap();
    let _successor = gateway.upgrade().await;
    gateway.process.line_with("stopped").await;
    let after: serde_json::Value =
        serde_json::from_str(&get_once(operator, "/api/v1/status").await.1).unwrap();
    assert_ne!(before["started"], after["started"]);
    assert_eq!(after["ready"], true);
}

/// While requests in flight finish, the operator is still told how it is.
#[tokio::test]
async fn it_answers_until_the_gateway_has_ended() {
    let gateway =
        Operated::start("[admin]\nlisten = \"127.0.0.1:0\"\n[timeouts]\nshutdown_delay = \"60s\"", &[]);
    let operator = gateway.process.operator().await.addr;
    within("it to be ready", async { while get_once(operator, "/readyz").await.0 != 200 {} }).await;
    gateway.process.signal(Signal::Term).await;
    let told = async {
        loop {
            let (status, text) = get_once(operator, "/readyz").await;
            if status == 503 {
                return text;
            }
        }
    };
    assert_eq!(within("it to be told", told).await, "shutting down\n");
}
