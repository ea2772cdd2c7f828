//! The request log: what the wallet asked of whom, for the person who wants to know.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    path::Path,
    sync::{Mutex, PoisonError},
};

use leerpas_core::{Exchange, Method};
use url::Url;

/// A file that gets one line for each request: method, address and purpose, with tabs between.
///
/// The address is written without its query and fragment, because those can hold codes. It is written
/// before anything is sent, so that a request that fails is there as well; one that the policy refuses
/// outright is not, because nothing went out.
#[derive(Debug)]
pub struct RequestLog(Mutex<File>);

impl RequestLog {
    /// Opens a file to add to, and makes it if there is none.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn open(path: &Path) -> io::Result<Self> {
        Ok(Self(Mutex::new(OpenOptions::new().create(true).append(true).open(path)?)))
    }

    /// Adds the line of one request.
    ///
    /// # Errors
    /// When the disk refuses.
    pub(crate) fn write(&self, exchange: &Exchange) -> io::Result<()> {
        let line = format!("{}\n", line(exchange));
        // One write, so that lines of two programs on one file do not mix.
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write_all(line.as_bytes())
    }
}

/// The line of one request, without an end of line.
pub(crate) fn line(exchange: &Exchange) -> String {
    let method = match exchange.method {
        Method::Get => "GET",
        Method::Post => "POST",
    };
    format!("{method}\t{}\t{}", shown(&exchange.url), exchange.purpose.as_str())
}

/// Scheme, host, port and path. `url` has percent-encoded anything that could break a line.
fn shown(url: &Url) -> Url {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    url
}

#[cfg(test)]
mod tests {
    use leerpas_core::Purpose;

    use super::*;

    #[test]
    fn a_line_holds_no_query_and_cannot_be_split() {
        let url = Url::parse("https://issuer.example:8443/offers/a\nb%0Ac?code=CANARY#CANARY").unwrap();
        assert_eq!(
            line(&Exchange::get(Purpose::Offer, url, "*/*")),
            "GET\thttps://issuer.example:8443/offers/ab%0Ac\toffer"
        );
    }
}
