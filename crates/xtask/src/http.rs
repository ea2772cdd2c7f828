//! Just enough HTTP/1.1 to be the employer's browser on loopback, since this program has no dependencies.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

/// What came back.
pub struct Answer {
    /// The body.
    pub body: String,
    /// The cookie that was set, as `name=value`.
    pub cookie: Option<String>,
}

/// Posts JSON.
pub fn post(url: &str, json: &str) -> Result<Answer, String> {
    send(url, "POST", None, json)
}

/// Reads.
pub fn get(url: &str, cookie: Option<&str>) -> Result<Answer, String> {
    send(url, "GET", cookie, "")
}

fn send(url: &str, method: &str, cookie: Option<&str>, body: &str) -> Result<Answer, String> {
    let rest = url.strip_prefix("http://").ok_or_else(|| format!("{url}: only http on loopback"))?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let fail = |e: std::io::Error| format!("{url}: {e}");
    let mut stream = TcpStream::connect(host).map_err(fail)?;
    stream.set_read_timeout(Some(Duration::from_secs(30))).map_err(fail)?;
    let cookie = cookie.map(|c| format!("Cookie: {c}\r\n")).unwrap_or_default();
    let length = body.len();
    write!(
        stream,
        "{method} /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{cookie}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .map_err(fail)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).map_err(fail)?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(|| format!("{url}: no answer"))?;
    let status = head.split(' ').nth(1).unwrap_or_default();
    if !status.starts_with('2') {
        return Err(format!("{url}: {status} {body}"));
    }
    let cookie = head
        .lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(name, _)| name.eq_ignore_ascii_case("set-cookie"))
        .and_then(|(_, value)| value.split(';').next())
        .map(str::to_owned);
    Ok(Answer { body: body.to_owned(), cookie })
}
