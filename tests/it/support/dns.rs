//! Name servers on loopback: dnsmasq, and one that does as it is told.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use tempfile::TempDir;
use tokio::net::UdpSocket;
use tokio::process::Command;
use tokio::task::JoinHandle;

use super::process::{Process, Signal};
use super::tools::{free_port, require};
use super::within;

/// dnsmasq for the names below `internal`. It is killed when dropped.
pub struct Dnsmasq {
    port: u16,
    options: String,
    directory: TempDir,
    process: Process,
}

impl Dnsmasq {
    /// Starts it with these options and lines of a `hosts` file, and waits until it answers. `None` where it is missing.
    pub async fn start(options: &str, hosts: &str) -> Option<Self> {
        let directory = tempfile::tempdir().unwrap();
        let (port, options) = (free_port(), options.to_owned());
        std::fs::write(directory.path().join("hosts"), hosts).unwrap();
        let process = run(port, &options, &directory).await?;
        Some(Self { port, options, directory, process })
    }

    /// The `[dns]` table that asks it.
    pub fn table(&self) -> String {
        format!("[dns]\nservers = [\"127.0.0.1:{}\"]\n", self.port)
    }

    /// Replaces its `hosts`, and waits until it has read them.
    pub async fn change(&mut self, hosts: &str) {
        let read_before = self.times_read();
        std::fs::write(self.directory.path().join("hosts"), hosts).unwrap();
        self.process.signal(Signal::Hup).await;
        let reading = async {
            while self.times_read() == read_before {
                tokio::task::yield_now().await;
            }
        };
        within("dnsmasq to read its hosts", reading).await;
    }

    fn times_read(&self) -> usize {
        self.process.lines().iter().filter(|line| line.text.contains("/hosts - ")).count()
    }

    pub async fn kill(&mut self) {
        self.process.signal(Signal::Kill).await;
        self.process.exit().await;
    }

    /// Starts it again with other options.
    pub async fn restart(&mut self, options: &str) {
        self.options = options.to_owned();
        self.process = run(self.port, &self.options, &self.directory).await.unwrap();
    }
}

async fn run(port: u16, options: &str, directory: &TempDir) -> Option<Process> {
    let mut command = Command::new(require("dnsmasq")?);
    let config = directory.path().join("dnsmasq.conf");
    let hosts = directory.path().join("hosts").display().to_string();
    let lines = format!(
        "port={port}\nlisten-address=127.0.0.1\nbind-interfaces\nno-resolv\nno-hosts\nlocal=/internal/\n\
         user=root\naddn-hosts={hosts}\npid-file\nlog-facility=-\n{options}\n"
    );
    std::fs::write(&config, lines).unwrap();
    command.arg("--keep-in-foreground").arg(format!("--conf-file={}", config.display()));
    let process = Process::start(command);
    process.line_with("/hosts - ").await;
    Some(process)
}

/// What the scripted server answers.
#[derive(Clone, Debug)]
pub enum Reply {
    /// These addresses, with this TTL in seconds, to questions for A. There is no AAAA.
    Addresses(Vec<Ipv4Addr>, u32),
    /// This code (RFC 1035 section 4.1.1), without records.
    Code(u8),
    Silence,
}

/// A name server that answers every question in the same way, until it is told another.
pub struct Scripted {
    pub addr: SocketAddr,
    reply: Arc<Mutex<Reply>>,
    asked: Arc<Mutex<usize>>,
    serving: JoinHandle<()>,
}

impl Scripted {
    pub async fn start(reply: Reply) -> Self {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let addr = socket.local_addr().unwrap();
        let (reply, asked) = (Arc::new(Mutex::new(reply)), Arc::new(Mutex::new(0)));
        let serving = tokio::spawn(serve(socket, Arc::clone(&reply), Arc::clone(&asked)));
        Self { addr, reply, asked, serving }
    }

    pub fn turn(&self, reply: Reply) {
        *self.reply.lock().unwrap() = reply;
    }

    /// How many questions came so far.
    pub fn asked(&self) -> usize {
        *self.asked.lock().unwrap()
    }

    /// Waits for this many further questions.
    pub async fn is_asked(&self, more: usize) {
        let until = self.asked() + more;
        let asking = async {
            while self.asked() < until {
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
        };
        within("questions", asking).await;
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(socket: UdpSocket, reply: Arc<Mutex<Reply>>, asked: Arc<Mutex<usize>>) {
    let mut buffer = [0; 1500];
    loop {
        let (length, peer) = socket.recv_from(&mut buffer).await.unwrap();
        *asked.lock().unwrap() += 1;
        let reply = reply.lock().unwrap().clone();
        if let Some(answer) = answer(&buffer[..length], &reply) {
            socket.send_to(&answer, peer).await.unwrap();
        }
    }
}

/// The question's id and name come back, and additional records (EDNS) don't.
fn answer(question: &[u8], reply: &Reply) -> Option<Vec<u8>> {
    let name_length = question[12..].iter().position(|byte| *byte == 0)? + 1;
    let end = 12 + name_length + 4;
    let is_for_a = question[end - 4..end - 2] == [0, 1];
    let (code, addresses, ttl) = match reply {
        Reply::Silence => return None,
        Reply::Code(code) => (*code, &[][..], 0),
        Reply::Addresses(addresses, ttl) if is_for_a => (0, addresses.as_slice(), *ttl),
        Reply::Addresses(..) => (0, &[][..], 0),
    };
    let mut answer = question[..end].to_vec();
    answer[2] = 0x85;
    answer[3] = 0x80 | code;
    answer[6..8].copy_from_slice(&(addresses.len() as u16).to_be_bytes());
    answer[8..12].fill(0);
    for address in addresses {
        answer.extend([0xc0, 12, 0, 1, 0, 1]);
        answer.extend(ttl.to_be_bytes());
        answer.extend([0, 4]);
        answer.extend(address.octets());
    }
    Some(answer)
}
