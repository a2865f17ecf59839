use std::{
    fs,
    path::Path,
    process::{Command as Blocking, Stdio},
    time::Duration,
};

use tempfile::TempDir;
use tokio::{
    net::TcpStream,
    process::{Child, Command},
};

use super::{eventually, free_port};

/// A real nginx that ends TLS on a port of its own and passes requests on, whole under `/`, and under `/wa/` without that
/// prefix. It says by `X-Forwarded-…` what it was called as, and hides it from `Host`.
#[derive(Debug)]
pub struct Nginx {
    /// Its public origin.
    pub origin: String,
    _folder: TempDir,
    _child: Child,
}

impl Nginx {
    /// In front of the server on this port. `None` if there is no nginx here, which CI does not put up with.
    pub async fn start(server: u16) -> Option<Self> {
        let Some(program) = program() else {
            #[expect(clippy::disallowed_methods, reason = "whether anything may be skipped")]
            let strict = std::env::var("CI").is_ok_and(|ci| ci == "1" || ci == "true");
            assert!(!strict, "CI has no nginx: apt-get install nginx-light");
            println!("skipped: there is no nginx here (apt-get install nginx-light)");
            return None;
        };
        let (folder, port) = (TempDir::new().unwrap(), free_port());
        certify(folder.path());
        let config = folder.path().join("nginx.conf");
        fs::write(&config, configuration(folder.path(), port, server)).unwrap();
        let child = Command::new(program)
            .args(["-g", "daemon off;", "-e"])
            .arg(folder.path().join("error.log"))
            .arg("-c")
            .arg(&config)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        eventually("nginx to listen", Duration::from_secs(10), async || {
            TcpStream::connect(("127.0.0.1", port)).await.ok()
        })
        .await;
        Some(Self { origin: format!("https://127.0.0.1:{port}"), _folder: folder, _child: child })
    }
}

/// On the path of its user, or where Debian puts it for root.
fn program() -> Option<&'static str> {
    let runs = |program: &&str| Blocking::new(program).arg("-v").stderr(Stdio::null()).status().is_ok();
    ["nginx", "/usr/sbin/nginx"].into_iter().find(runs)
}

/// A certificate that nobody but this test would trust.
fn certify(folder: &Path) {
    let made = Blocking::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"])
        .args(["-subj", "/CN=127.0.0.1", "-keyout", "key.pem", "-out", "cert.pem"])
        .current_dir(folder)
        .output()
        .expect("openssl is there");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

fn configuration(folder: &Path, port: u16, server: u16) -> String {
    let folder = folder.display();
    format!(
        "pid {folder}/pid;
         # One process, which ends with the test.
         master_process off;
         events {{}}
         http {{
           access_log off;
           client_body_temp_path {folder}/body;
           proxy_temp_path {folder}/proxy;
           fastcgi_temp_path {folder}/fastcgi;
           uwsgi_temp_path {folder}/uwsgi;
           scgi_temp_path {folder}/scgi;
           proxy_set_header X-Forwarded-Proto $scheme;
           proxy_set_header X-Forwarded-Host $http_host;
           proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
           server {{
             listen 127.0.0.1:{port} ssl;
             ssl_certificate {folder}/cert.pem;
             ssl_certificate_key {folder}/key.pem;
             location / {{ proxy_pass http://127.0.0.1:{server}; }}
             location /wa/ {{ proxy_pass http://127.0.0.1:{server}/; }}
           }}
         }}"
    )
}
