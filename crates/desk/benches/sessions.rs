//! How many whole sessions the desk bears: a request on the page, its fetch and its answer by a wallet, the verdict on
//! the page. The desk is a process of its own, so that its memory can be told; this one plays browser and wallet, without
//! a vault and without a person. Each exchange of the wallet is a connection with a TLS handshake, as wallets do it.
//!
//! Prints one line for each figure, for `cargo xtask bench`: `figure`, name, unit, median, least, most and number of
//! runs, separated by tabs. `cargo bench --package leerpas-desk --bench sessions -- 60` asks for 60 sessions in a
//! second instead of 200.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "printing figures is what this program is for")]
#![allow(missing_docs, clippy::unwrap_used, reason = "a measurement stops where its world does not hold")]

#[path = "../tests/suite/trial/mod.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod trial;

use std::{
    error::Error,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use leerpas_core::{Env, Exchange, OsEntropy, Purpose, SystemClock, Timestamp};
use leerpas_credential::{keys::HolderKey, present::present_sd_jwt, trust::TrustList, x509::TrialAuthority};
use leerpas_desk::{DeskOptions, start};
use leerpas_net::{Client, Policy};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufStream},
    net::TcpStream,
    sync::Mutex,
    task::JoinSet,
};

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Sessions that begin in a second.
const RATE: u32 = 200;
/// How long they go on beginning.
const SECONDS: u32 = 10;
/// Times that the whole is measured.
const RUNS: usize = 3;
/// Sessions at a time where as many as possible are run.
const AT_A_TIME: usize = 16;
/// The word for the process that is the desk.
const SERVE: &str = "serve";

fn main() -> Outcome<()> {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    if let [SERVE, folder] = words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        return runtime()?.block_on(serve(Path::new(folder)));
    }
    // Cargo says so when it wants figures; `cargo test --benches` does not.
    if !std::env::args().any(|word| word == "--bench") {
        eprintln!("this measures under `cargo bench` only");
        return Ok(());
    }
    let rate = words.first().map(|word| word.parse()).transpose()?.unwrap_or(RATE);
    runtime()?.block_on(measure(rate))
}

fn runtime() -> Outcome<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

/// Is the desk until the other process ends it.
async fn serve(folder: &Path) -> Outcome<()> {
    let desk = start(DeskOptions {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        data: folder.to_owned(),
        trust: TrustList::empty(),
        client: client(folder)?,
        clock: Arc::new(SystemClock),
        entropy: Arc::new(OsEntropy),
    })
    .await?;
    println!("{}", desk.ready_line());
    desk.run_until(std::future::pending()).await?;
    Ok(())
}

fn client(folder: &Path) -> Outcome<Client> {
    let authority = TrialAuthority::ensure(folder, env())?;
    let root = authority.certificate_pem().as_bytes().to_vec();
    Ok(Client::new(Policy { allow_loopback: true, extra_roots_pem: vec![root], log: None })?)
}

fn env() -> Env<'static> {
    Env { now: Timestamp::now(), entropy: &OsEntropy }
}

async fn measure(rate: u32) -> Outcome<()> {
    let (mut rates, mut latencies, mut peaks) = (Vec::new(), Vec::new(), Vec::new());
    for run in 0..RUNS {
        let folder = tempfile::tempdir()?;
        let driver = Arc::new(Driver::begin(folder.path())?);
        // Warms the caches of both processes.
        driver.session().await?;
        rates.push(as_many_as_possible(&driver).await?);
        latencies.push(paced(&driver, rate).await?);
        peaks.push(driver.peak()?);
        eprintln!("run {}: {:.0}/s, p99 {:.1} ms, {:.1} MB", run + 1, rates[run], latencies[run], peaks[run]);
    }
    tell("desk.rate", "/s", rates);
    tell("desk.p99", "ms", latencies);
    tell("desk.memory", "MB", peaks);
    Ok(())
}

fn tell(name: &str, unit: &str, mut values: Vec<f64>) {
    values.sort_by(f64::total_cmp);
    let [least, median, most] = [0, values.len() / 2, values.len() - 1].map(|place| values[place]);
    println!("figure\t{name}\t{unit}\t{median}\t{least}\t{most}\t{}", values.len());
}

/// Sessions in a second, with a fixed number under way.
async fn as_many_as_possible(driver: &Arc<Driver>) -> Outcome<f64> {
    let begun = Instant::now();
    let end = begun + Duration::from_secs(SECONDS.into());
    let mut lanes = JoinSet::new();
    for _ in 0..AT_A_TIME {
        let driver = Arc::clone(driver);
        lanes.spawn(async move {
            let mut done = 0_u32;
            while Instant::now() < end {
                driver.session().await?;
                done += 1;
            }
            Ok::<_, Box<dyn Error + Send + Sync>>(done)
        });
    }
    let mut done = 0;
    while let Some(lane) = lanes.join_next().await {
        done += lane??;
    }
    Ok(f64::from(done) / begun.elapsed().as_secs_f64())
}

/// The time that ninety-nine of a hundred sessions stay under, in milliseconds. Sessions begin by the clock, whether
/// those before them are done or not; time that one waits for its turn counts.
async fn paced(driver: &Arc<Driver>, rate: u32) -> Outcome<f64> {
    let begun = Instant::now();
    let mut sessions = JoinSet::new();
    for number in 0..rate * SECONDS {
        let due = begun + Duration::from_secs(1) / rate * number;
        tokio::time::sleep_until(due.into()).await;
        let driver = Arc::clone(driver);
        sessions.spawn(async move {
            driver.session().await?;
            Ok::<_, Box<dyn Error + Send + Sync>>(due.elapsed().as_secs_f64() * 1000.0)
        });
    }
    let mut times = Vec::new();
    while let Some(session) = sessions.join_next().await {
        times.push(session??);
    }
    times.sort_by(f64::total_cmp);
    Ok(times[(times.len() * 99).div_ceil(100) - 1])
}

/// Browser and wallet at once.
struct Driver {
    desk: Child,
    host: String,
    client: Client,
    credential: String,
    key: HolderKey,
    /// Connections of the browser that are not in use.
    idle: Mutex<Vec<BufStream<TcpStream>>>,
}

impl Driver {
    fn begin(folder: &Path) -> Outcome<Self> {
        let authority = TrialAuthority::ensure(folder, env())?;
        let trust = json!({ "version": 1, "institutions": [{
            "name": { "nl": "Hogeschool", "en": "College" }, "identifiers": [trial::ISSUER],
            "domains": ["hogeschool.example"], "roots": [authority.certificate_pem()],
        }]});
        std::fs::write(folder.join("trust.json"), trust.to_string())?;
        let (credential, key) = trial::credential_of(&authority, |_| {});
        let mut desk = Command::new(std::env::current_exe()?)
            .arg(SERVE)
            .arg(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        BufReader::new(desk.stdout.take().ok_or("no output")?).read_line(&mut line)?;
        let ready: Value = serde_json::from_str(&line)?;
        let page = ready["page"].as_str().ok_or("no page")?;
        let host = page.trim_start_matches("http://").trim_end_matches('/').to_owned();
        Ok(Self { desk, host, client: client(folder)?, credential, key, idle: Mutex::default() })
    }

    /// One whole session; an error where it does not end in `valid`.
    async fn session(&self) -> Outcome<()> {
        let wish = json!({ "template": "microcredential", "purpose": "Sollicitatie" }).to_string();
        let (head, asked) = self.browser("POST", "/api/requests", "content-type: application/json\r\n", &wish).await?;
        let cookie = head.lines().find_map(|line| line.strip_prefix("set-cookie: ")).ok_or("no cookie")?;
        let cookie = cookie.split(';').next().unwrap_or_default();
        let fetch = Exchange::get(
            Purpose::RequestObject,
            trial::request_uri(asked["link"].as_str().ok_or("no link")?),
            "application/oauth-authz-req+jwt",
        );
        let object = trial::object_of(&self.client.run(fetch).await?);
        let word = |name: &str| object[name].as_str().unwrap_or_default();
        let presentation = present_sd_jwt(
            self.credential.as_bytes(),
            &trial::paths(),
            &self.key,
            word("client_id"),
            word("nonce"),
            Timestamp::now(),
        )?;
        let answer = trial::presentations(&object, "microcredential", vec![json!(presentation)]);
        let reply = self.client.run(trial::response_to(&object, &answer)).await?;
        if reply.status != 200 {
            return Err(format!("the answer got {}", reply.status).into());
        }
        let path = format!("/api/requests/{}", asked["id"].as_str().unwrap_or_default());
        let (_, result) = self.browser("GET", &path, &format!("cookie: {cookie}\r\n"), "").await?;
        if result["verdict"] == "valid" { Ok(()) } else { Err(format!("no valid verdict: {result}").into()) }
    }

    /// One request of the browser, which keeps its connections.
    async fn browser(&self, method: &str, path: &str, headers: &str, body: &str) -> Outcome<(String, Value)> {
        let kept = self.idle.lock().await.pop();
        let mut stream = match kept {
            Some(stream) => stream,
            None => BufStream::new(TcpStream::connect(&self.host).await?),
        };
        stream.get_ref().set_nodelay(true)?;
        let length = body.len();
        let text = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\n{headers}content-length: {length}\r\n\r\n{body}",
            self.host
        );
        stream.write_all(text.as_bytes()).await?;
        stream.flush().await?;
        let (mut head, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).await?;
            if line.trim().is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length: ") {
                length = value.trim().parse()?;
            }
            head.push_str(&line);
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await?;
        self.idle.lock().await.push(stream);
        if !head.starts_with("HTTP/1.1 200") {
            return Err(format!("the page answered {}", head.lines().next().unwrap_or_default()).into());
        }
        Ok((head, serde_json::from_slice(&body)?))
    }

    /// The most memory that the desk's process has held, in megabytes of a million bytes.
    fn peak(&self) -> Outcome<f64> {
        let path = PathBuf::from(format!("/proc/{}/status", self.desk.id()));
        let status = std::fs::read_to_string(path)?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
        Ok(line.trim().trim_end_matches(" kB").parse::<f64>()? * 1.024e-3)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Gone already where it broke; nothing is lost then either.
        let _ = self.desk.kill().and_then(|()| self.desk.wait());
    }
}
