//! The independent implementations that ours is compared with: `tests/interop/rates.mjs`, running beside this program.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::Duration,
};

use serde_json::{Value, json};

use crate::Outcome;

/// The running program; it ends with this value.
pub struct Peers {
    child: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Peers {
    /// Starts it. Its packages have to be installed, which `cargo xtask bench` sees to.
    pub fn start() -> Outcome<Self> {
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/interop/rates.mjs");
        let mut child = Command::new("node").arg(program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let orders = child.stdin.take().ok_or("the peers take no orders")?;
        let answers = BufReader::new(child.stdout.take().ok_or("the peers give no answers")?);
        Ok(Self { child, orders, answers })
    }

    /// Different Open Badges of one issuer, signed by Digital Bazaar's packages; the issuer first.
    pub fn badges(&mut self, size: &str, count: usize) -> Outcome<(String, Vec<Vec<u8>>)> {
        let answer = self.ask(&json!({"do": "issue", "size": size, "count": count}))?;
        let issuer = answer["issuer"].as_str().ok_or("the badges have no issuer")?.to_owned();
        let documents = answer["documents"].as_array().into_iter().flatten().filter_map(Value::as_str);
        Ok((issuer, documents.map(|text| text.as_bytes().to_vec()).collect()))
    }

    /// Hands over what is to be checked.
    pub fn load(&mut self, material: Value) -> Outcome<()> {
        let mut order = material;
        order["do"] = json!("load");
        self.ask(&order).map(drop)
    }

    /// Has an issuer, a verifier and holders of `@openid4vc` stand ready, with the documents that are handed over.
    pub fn serve(&mut self, documents: Value) -> Outcome<()> {
        let mut order = documents;
        order["do"] = json!("serve");
        self.ask(&order).map(drop)
    }

    /// Hands over a request and what is held; tells how many fit each question in their eyes.
    pub fn search(&mut self, query: &Value, credentials: &[Value]) -> Outcome<Vec<usize>> {
        let answer = self.ask(&json!({"do": "search", "query": query, "credentials": credentials}))?;
        Ok(serde_json::from_value(answer["fits"].clone())?)
    }

    /// How many a second they do.
    pub fn rate(&mut self, what: &str, time: Duration) -> Outcome<f64> {
        let answer = self.ask(&json!({"do": "run", "what": what, "milliseconds": time.as_millis() as u64}))?;
        answer["per_second"].as_f64().ok_or_else(|| format!("{what}: the peers gave no rate").into())
    }

    /// How long one takes.
    pub fn once(&mut self, what: &str) -> Outcome<Duration> {
        let rate = self.rate(what, Duration::ZERO)?;
        Ok(Duration::from_secs_f64(1.0 / rate))
    }

    fn ask(&mut self, order: &Value) -> Outcome<Value> {
        writeln!(self.orders, "{order}")?;
        self.orders.flush()?;
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        let answer: Value = serde_json::from_str(&line)?;
        match answer["error"].as_str() {
            Some(error) => Err(format!("the peers: {error}").into()),
            None => Ok(answer),
        }
    }
}

impl Drop for Peers {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
