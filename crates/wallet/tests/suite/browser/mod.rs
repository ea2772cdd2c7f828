//! A browser that is none: one GET at a time over TLS, which shows where it would be sent next.

use std::{path::Path, sync::Arc};

use leerpas_core::Url;
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject as _},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;

pub struct Browser {
    tls: TlsConnector,
}

/// What came.
pub struct Page {
    pub status: u16,
    /// Where a browser would go next.
    pub location: Option<Url>,
    pub body: String,
}

impl Browser {
    /// One that trusts the authority of a trial.
    pub fn new(folder: &Path) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(folder.join("ca.pem")).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        Self { tls: TlsConnector::from(Arc::new(config.with_root_certificates(roots).with_no_client_auth())) }
    }

    pub async fn get(&self, url: &Url) -> Page {
        let host = url.host_str().unwrap().to_owned();
        let port = url.port_or_known_default().unwrap();
        let stream = TcpStream::connect((host.as_str(), port)).await.unwrap();
        let reply = match url.scheme() {
            "http" => ask(stream, url).await,
            _ => ask(self.tls.connect(ServerName::try_from(host).unwrap(), stream).await.unwrap(), url).await,
        };
        let (head, body) = reply.split_once("\r\n\r\n").unwrap();
        let mut headers = head.lines().filter_map(|line| line.split_once(": "));
        let location = headers.find(|(name, _)| name.eq_ignore_ascii_case("location"));
        Page {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            location: location.map(|(_, value)| url.join(value).unwrap()),
            body: body.to_owned(),
        }
    }

    /// As [`Browser::get`], and on to wherever it is sent.
    pub async fn follow(&self, url: &Url) -> Page {
        let mut page = self.get(url).await;
        while let Some(next) = page.location.take() {
            page = self.get(&next).await;
        }
        page
    }
}

impl Page {
    /// The first link of a scheme on the page, as a click takes it.
    pub fn link(&self, scheme: &str) -> Option<String> {
        let (_, rest) = self.body.split_once(&format!("href=\"{scheme}:"))?;
        let (link, _) = rest.split_once('"')?;
        Some(format!("{scheme}:{}", link.replace("&amp;", "&")))
    }
}

async fn ask(mut stream: impl AsyncRead + AsyncWrite + Unpin, url: &Url) -> String {
    let target = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
    let host = format!("{}:{}", url.host_str().unwrap(), url.port_or_known_default().unwrap());
    let request = format!("GET {target} HTTP/1.1\r\nhost: {host}\r\naccept-language: en\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut reply = Vec::new();
    // Not everybody says goodbye in the way of TLS.
    let _ = stream.read_to_end(&mut reply).await;
    String::from_utf8(reply).unwrap()
}
