//! The door at which the person's own browser brings the answer of a sign-in (RFC 8252, 7.3): plain http, on this computer
//! only, at a free port, for one answer. Its path is always the same, because servers leave only the port open when they
//! compare the address with the one that was registered; what nobody else can know is the state that the answer brings.

use std::{io, net::Ipv4Addr};

use leerpas_core::Url;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::{Duration, timeout},
};

/// The path, to be registered with a port left open where a server wants that.
const PATH: &str = "/sign-in";
/// The longest head of a request that is read, in bytes: a code may be long.
const HEAD_BYTES: usize = 64 * 1024;
/// A visitor that says nothing is sent away after this time.
const PATIENCE: Duration = Duration::from_secs(5);
/// What the browser shows in the end. It holds nothing of the answer and runs nothing.
const PAGE: &str = "<!doctype html><html lang=nl><meta charset=utf-8><title>Leerpas</title>\
<p>Je bent ingelogd. Ga terug naar Leerpas; dit venster kan dicht.\
<p lang=en>You are signed in. Go back to Leerpas; you can close this window.";

/// An open door. It closes when this value is dropped.
#[derive(Debug)]
pub struct Door {
    listener: TcpListener,
    url: Url,
}

impl Door {
    /// Opens one at a free port of 127.0.0.1.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn open() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let url = Url::parse(&format!("http://127.0.0.1:{port}{PATH}")).map_err(io::Error::other)?;
        Ok(Self { listener, url })
    }

    /// Where the browser has to come: what goes into the request for a sign-in.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Waits until the browser comes to the right address with an answer that belongs here; gives the query. Everybody else
    /// gets a 404, and the waiting goes on (security C09). There is no limit of time: a sign-in takes as long as a person
    /// takes.
    ///
    /// # Errors
    /// When the door broke.
    pub async fn answer(self, belongs: impl Fn(&str) -> bool) -> io::Result<String> {
        loop {
            let (stream, _) = self.listener.accept().await?;
            if let Ok(Some(query)) = timeout(PATIENCE, self.visit(stream, &belongs)).await {
                return Ok(query);
            }
        }
    }

    /// One visitor; the query if it is the one that is waited for.
    async fn visit(&self, mut stream: TcpStream, belongs: impl Fn(&str) -> bool) -> Option<String> {
        let head = read_head(&mut stream).await?;
        let query = self.query_of(&head).filter(|query| belongs(query));
        let (status, body) = if query.is_some() { ("200 OK", PAGE) } else { ("404 Not Found", "") };
        let reply = format!(
            "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\
             Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nX-Content-Type-Options: nosniff\r\n\
             Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n\r\n{body}",
            body.len()
        );
        // Whether the page arrives does not matter: the answer is here.
        let _ = stream.write_all(reply.as_bytes()).await;
        let _ = stream.shutdown().await;
        query
    }

    /// The query of a request that is a GET of the right path, for the right host, with a query.
    fn query_of(&self, head: &str) -> Option<String> {
        let mut lines = head.split("\r\n");
        let mut words = lines.next()?.split(' ');
        let (method, target, version) = (words.next()?, words.next()?, words.next()?);
        let hosts: Vec<&str> = lines
            .filter_map(|line| line.split_once(':'))
            .filter(|(name, _)| name.eq_ignore_ascii_case("host"))
            .map(|(_, value)| value.trim())
            .collect();
        let own = format!("127.0.0.1:{}", self.url.port()?);
        let (path, query) = target.split_once('?')?;
        let right = method == "GET" && version.starts_with("HTTP/1.") && hosts == [own.as_str()];
        (right && path == self.url.path() && !query.is_empty()).then(|| query.to_owned())
    }
}

/// The head of a request, up to the empty line; `None` if it is too long, cut short or not text.
async fn read_head(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    let mut piece = [0_u8; 4096];
    loop {
        let count = stream.read(&mut piece).await.ok().filter(|count| *count > 0)?;
        head.extend_from_slice(&piece[..count]);
        if let Some(end) = head.windows(4).position(|window| window == b"\r\n\r\n") {
            head.truncate(end);
            return String::from_utf8(head).ok();
        }
        if head.len() > HEAD_BYTES {
            return None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn say(door_port: u16, head: String) -> String {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, door_port)).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut reply = String::new();
        let _ = stream.read_to_string(&mut reply).await;
        reply
    }

    #[tokio::test]
    async fn security_c09_only_the_browser_at_the_right_address_is_heard() {
        let door = Door::open().await.unwrap();
        let (port, path) = (door.url().port().unwrap(), door.url().path().to_owned());
        let waiting = tokio::spawn(door.answer(|query| !query.contains("state=other")));
        let get = |target: &str, host: &str| format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n");
        let own = format!("127.0.0.1:{port}");
        for stranger in [
            get("/?code=x", &own),
            get("/favicon.ico", &own),
            get(&path, &own),
            get(&format!("{path}?"), &own),
            get(&format!("{path}?code=x&state=other"), &own),
            get(&format!("{path}?code=x"), "evil.example"),
            get(&format!("{path}?code=x"), &format!("localhost:{port}")),
            format!("POST {path}?code=x HTTP/1.1\r\nHost: {own}\r\n\r\n"),
            format!("GET {path}?code=x HTTP/1.1\r\nHost: {own}\r\nHost: {own}\r\n\r\n"),
            "nonsense\r\n\r\n".to_owned(),
        ] {
            let reply = say(port, stranger).await;
            assert!(reply.starts_with("HTTP/1.1 404"), "{reply}");
        }
        let reply = say(port, get(&format!("{path}?code=abc&state=s"), &own)).await;
        assert!(reply.starts_with("HTTP/1.1 200") && !reply.contains("abc"), "{reply}");
        assert_eq!(waiting.await.unwrap().unwrap(), "code=abc&state=s");
        // A second visit finds nobody.
        assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_err());
    }

    #[tokio::test]
    async fn a_visitor_that_sends_too_much_or_nothing_does_not_stop_the_next() {
        let door = Door::open().await.unwrap();
        let (port, path) = (door.url().port().unwrap(), door.url().path().to_owned());
        let waiting = tokio::spawn(door.answer(|query| !query.contains("state=other")));
        say(port, "x".repeat(200_000)).await;
        drop(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap());
        say(port, format!("GET {path}?a=b HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n")).await;
        assert_eq!(waiting.await.unwrap().unwrap(), "a=b");
    }

    #[tokio::test]
    async fn rfc8252_7_3_only_the_port_differs_between_two_doors() {
        let (one, other) = (Door::open().await.unwrap(), Door::open().await.unwrap());
        assert_ne!(one.url().port(), other.url().port());
        assert_eq!(one.url().path(), other.url().path());
    }
}
