//! HAProxy on both sides: as an upstream that accepts the header, and in front, where it sends it.

use tempfile::TempDir;
use tokio::process::Command;

use super::*;
use crate::support::gateway::TestGateway;
use crate::support::process::Process;
use crate::support::recorder::{RecordingUpstream, Script};
use crate::support::tools::{accepting, free_port, require};

/// One HAProxy. It is killed when dropped.
struct HaProxy {
    addr: SocketAddr,
    _process: Process,
    _directory: TempDir,
}

impl HaProxy {
    /// Starts it with these sections, and waits until it accepts connections on that port. `None` where it is missing.
    async fn start(port: u16, sections: &str) -> Option<Self> {
        let program = require("haproxy")?;
        let directory = tempfile::tempdir().unwrap();
        let config = directory.path().join("haproxy.cfg");
        let defaults = "global\n    nbthread 1\ndefaults\n    mode http\n    timeout connect 5s\n    \
                        timeout client 30s\n    timeout server 30s\n";
        std::fs::write(&config, format!("{defaults}{sections}")).unwrap();
        let mut command = Command::new(program);
        command.arg("-db").arg("-f").arg(&config);
        let mut process = Process::start(command);
        let addr = SocketAddr::from(([127, 0, 0, 1], port));
        tokio::select! {
            () = accepting(addr) => Some(Self { addr, _process: process, _directory: directory }),
            status = process.exit() => panic!("HAProxy left with {status}: {:#?}", process.lines()),
        }
    }
}

/// HAProxy answers with the addresses that it read, and refuses connections without a header.
#[tokio::test]
async fn it_reads_what_the_gateway_sends() {
    let port = free_port();
    let sections = format!(
        "frontend telling\n    bind 127.0.0.1:{port} accept-proxy\n    http-request return status 200 \
         content-type text/plain lf-string \"%ci:%cp %[dst]:%[dst_port]\"\n"
    );
    let Some(haproxy) = HaProxy::start(port, &sections).await else { return };
    for form in ["v1", "v2"] {
        let config = format!(
            "[pools.api]\nupstreams = [\"http://{}\"]\nsend_proxy = \"{form}\"\n\
             health = {{ path = \"/\", interval = \"100ms\" }}\n[routes.\"/\"]\npool = \"api\"\n",
            haproxy.addr
        );
        let gateway = TestGateway::start(&config);
        for _ in 0..3 {
            let mut client = RawClient::connect(gateway.addr).await;
            let told = format!("{} {}", client.local_addr(), gateway.addr);
            for _ in 0..3 {
                assert_eq!(client.get("/").await.text(), told, "{form}");
            }
        }
    }
}

/// HAProxy sends the address that a header of the request says, so that there is more than one to tell apart.
#[tokio::test]
async fn the_gateway_reads_what_it_sends() {
    let upstream = RecordingUpstream::start(|_| Script::ok("ok")).await;
    let config = format!(
        "trusted_proxies = [\"127.0.0.1\"]\n[pools.api]\nupstreams = [\"http://{}\"]\n[routes.\"/\"]\npool = \"api\"\n",
        upstream.addr()
    );
    let gateway = TestGateway::listening("proxy_protocol = true", &config);
    for form in [
        "send-proxy",
        "send-proxy-v2",
        "send-proxy-v2 proto h2",
        "send-proxy-v2 proxy-v2-options unique-id,crc32c",
    ] {
        let port = free_port();
        let sections = format!(
            "frontend front\n    bind 127.0.0.1:{port}\n    unique-id-format %[uuid()]\n    \
             http-request set-src req.hdr(x-src)\n    default_backend gateway\n\
             backend gateway\n    server gateway {} {form}\n",
            gateway.addr
        );
        let Some(haproxy) = HaProxy::start(port, &sections).await else { return };
        let mut client = RawClient::connect(haproxy.addr).await;
        for address in ["192.0.2.1", "192.0.2.2", "192.0.2.1"] {
            client.send(format!("GET / HTTP/1.1\r\nHost: test\r\nX-Src: {address}\r\n\r\n")).await;
            assert_eq!(client.response().await.status(), 200, "{form}");
            let seen = upstream.requests().pop().unwrap();
            assert_eq!(seen.headers.one("x-forwarded-for"), Some(address), "{form}");
        }
    }
}
