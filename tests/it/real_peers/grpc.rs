//! grpcio as a client and as an upstream.

use tokio::process::Command;

use crate::support::gateway::TestGateway;
use crate::support::process::Process;
use crate::support::{tools, within};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/real_peers/grpc_peer.py");

fn python(program: &std::path::Path, args: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.arg(SCRIPT).args(args).kill_on_drop(true);
    command
}

#[tokio::test]
async fn every_kind_of_call_over_http2_upstream() {
    let Some(program) = tools::require_python_with("grpc").await else { return };
    let server = Process::start(python(&program, &["serve"]));
    let announced = server.line_with("on 127.0.0.1:").await;
    let upstream = announced.rsplit(' ').next().unwrap();
    let gateway = TestGateway::start(&format!(
        "[pools.grpc]\nupstreams = [\"http://{upstream}\"]\nprotocol = \"http2\"\n[routes.\"/\"]\npool = \"grpc\"\n"
    ));
    let address = gateway.addr.to_string();
    let asked = within("grpcio's calls", python(&program, &["ask", &address]).output()).await.unwrap();
    assert!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stderr));
    let calls = String::from_utf8_lossy(&asked.stdout);
    assert_eq!(calls.lines().count(), 7, "{calls}");
    server.line_with("late has left").await;
    server.line_with("unwilling has left").await;
}
