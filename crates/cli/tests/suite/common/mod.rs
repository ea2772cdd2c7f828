//! The trial on loopback, and the command line pointed at it.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::Duration,
};

use serde_json::Value;

pub const PASSPHRASE: &str = "negen groene fietsen in de regen";

/// A server that ends with this value.
pub struct Server {
    child: Child,
    pub ready: Value,
}

impl Server {
    fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_leerpas"))
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { child, ready: serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: {line:?}")) }
    }

    pub fn text(&self, pointer: &str) -> &str {
        self.ready.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{pointer} in {}", self.ready))
    }
}

impl Server {
    /// The number of its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// The institution, the desk and a wallet in a folder of their own.
pub struct Trial {
    pub folder: tempfile::TempDir,
    pub sandbox: Server,
    pub desk: Server,
}

impl Trial {
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().to_str().unwrap();
        let sandbox = Server::start(&["--json", "sandbox", "--listen", "127.0.0.1:0", "--data", data]);
        let (roots, trust) = (format!("{data}/ca.pem"), format!("{data}/trust.json"));
        let desk = Server::start(&[
            "--json",
            "--allow-loopback",
            "--tls-root",
            &roots,
            "--trust",
            &trust,
            "desk",
            "--listen",
            "127.0.0.1:0",
            "--data",
            data,
        ]);
        let trial = Self { folder, sandbox, desk };
        let made = trial.json(&["init"]);
        assert_eq!(made.code, 0, "{made:?}");
        trial
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = bare();
        command
            .env("LEERPAS_PASSPHRASE", PASSPHRASE)
            .arg("--allow-loopback")
            .args(["--profile".as_ref(), self.path("profile").as_os_str()])
            .args(["--tls-root".as_ref(), self.path("ca.pem").as_os_str()])
            .args(["--trust".as_ref(), self.path("trust.json").as_os_str()])
            .args(arguments);
        command
    }

    /// Runs with `--json` and reads the one object that comes out.
    pub fn json(&self, arguments: &[&str]) -> Ran {
        Ran::of(self.command(arguments).arg("--json"))
    }

    pub fn receive(&self, offer: &str) -> Ran {
        let code = self.sandbox.text("/tx_code");
        self.json(&["receive", self.sandbox.text(&format!("/offers/{offer}")), "--tx-code", code])
    }

    /// An offer without a code.
    pub fn receive_open(&self, offer: &str) -> Ran {
        self.json(&["receive", self.sandbox.text(&format!("/offers/{offer}"))])
    }

    /// Asks at the desk; gives the link, the identifier and the cookie.
    pub fn ask(&self, body: &str) -> Asked {
        let (status, head, answer) = http("POST", &format!("{}/requests", self.desk.text("/api")), &[], body);
        assert_eq!(status, 200, "{answer}");
        let answer: Value = serde_json::from_str(&answer).unwrap();
        let cookie = head
            .lines()
            .find_map(|line| line.to_ascii_lowercase().starts_with("set-cookie: ").then(|| line[12..].to_owned()))
            .unwrap();
        Asked {
            link: answer["link"].as_str().unwrap().to_owned(),
            id: answer["id"].as_str().unwrap().to_owned(),
            cookie: cookie.split(';').next().unwrap().to_owned(),
        }
    }

    pub fn result(&self, asked: &Asked) -> Value {
        let url = format!("{}/requests/{}", self.desk.text("/api"), asked.id);
        let (status, _, body) = http("GET", &url, &[("Cookie", &asked.cookie)], "");
        assert_eq!(status, 200, "{body}");
        serde_json::from_str(&body).unwrap()
    }
}

#[derive(Debug)]
pub struct Asked {
    pub link: String,
    pub id: String,
    pub cookie: String,
}

/// What a run gave.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub json: Value,
    pub stderr: String,
}

impl Ran {
    pub fn of(command: &mut Command) -> Self {
        let Output { status, stdout, stderr } = command.stdin(Stdio::null()).output().unwrap();
        let (stdout, stderr) = (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap());
        let json = serde_json::from_str(&stdout).unwrap_or_else(|e| panic!("{e}: {stdout:?} {stderr}"));
        Self { code: status.code().unwrap(), json, stderr }
    }

    pub fn kind(&self) -> &str {
        self.json["error"]["kind"].as_str().unwrap_or_default()
    }
}

/// The command line without a profile and with nothing of this machine's environment that it would read.
pub fn bare() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_leerpas"));
    command.env_remove("LEERPAS_PASSPHRASE").env_remove("RUST_LOG").env("LANG", "C.UTF-8");
    command
}

/// Plain HTTP on loopback, as the employer's browser speaks it.
pub fn http(method: &str, url: &str, headers: &[(&str, &str)], body: &str) -> (u16, String, String) {
    let rest = url.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let json =
        if headers.iter().any(|(name, _)| *name == "Content-Type") { "" } else { "Content-Type: application/json\r\n" };
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    write!(
        stream,
        "{method} /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{json}{headers}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), head.to_owned(), body.to_owned())
}

/// Every file below a folder with its bytes.
pub fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(contents(&path));
        } else {
            found.push((path.clone(), std::fs::read(&path).unwrap()));
        }
    }
    found.sort();
    found
}

/// A picture of a QR code, as a screenshot of a page would hold it.
pub fn qr_picture(path: &Path, text: &str) {
    const CELL: usize = 5;
    const BORDER: usize = 4;
    let modules = leerpas_intake::qr_modules(text).unwrap();
    let side = u32::try_from((modules.size + 2 * BORDER) * CELL).unwrap();
    let picture = image::GrayImage::from_fn(side, side, |x, y| {
        let place = |at: u32| (usize::try_from(at).unwrap() / CELL).checked_sub(BORDER).filter(|at| *at < modules.size);
        let dark = place(x).zip(place(y)).is_some_and(|(x, y)| modules.dark[y * modules.size + x]);
        image::Luma([if dark { 0 } else { 255 }])
    });
    picture.save(path).unwrap();
}
