//! nginx, with the site of Jitsi Meet.

use std::fs;
use std::path::Path;

use super::example::Example;
use super::original::Original;

/// The rest of a configuration, which in a package is `/etc/nginx/nginx.conf`.
fn around(site: &str, directory: &Path) -> String {
    let dir = directory.display();
    let temp_paths: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("    {kind}_temp_path {dir}/{kind};\n"))
        .concat();
    format!(
        "daemon off;\nmaster_process off;\npid {dir}/nginx.pid;\nerror_log stderr crit;\n\
         events {{ worker_connections 1024; }}\n\
         http {{\n    access_log off;\n    include /etc/nginx/mime.types;\n{temp_paths}    include {site};\n}}\n"
    )
}

#[tokio::test]
async fn jitsi_meet_is_served_as_nginx_does() {
    let example = Example {
        folder: "nginx",
        original: Some("jitsi-meet.conf"),
        host: "meet.example.com",
        upstreams: &[("prosody", 5280), ("jvb1", 9090), ("jicofo", 8888)],
    };
    let running = example.start().await;
    let directory = running.directory();
    fs::write(directory.join("nginx.conf"), around("jitsi-meet.conf", directory)).unwrap();
    let prefix = format!("{}/", directory.display());
    let arguments = ["-p", &prefix, "-c", "nginx.conf", "-e", "stderr"];
    let Some(nginx) = Original::start("nginx", &arguments, directory, running.addr()).await else { return };
    example.compare(running, &nginx).await;
}
