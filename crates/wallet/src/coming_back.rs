//! The way back from a sign-in by hand: where a firewall or another program keeps the browser from coming back, the person
//! copies the address that it could not open, and pastes it.

use std::sync::{Mutex, PoisonError};

use leerpas_core::{Url, limits};
use tokio::sync::oneshot;

/// The address at which the browser is awaited, and who waits there.
pub(crate) type Awaited = Mutex<Option<(Url, oneshot::Sender<String>)>>;

/// Awaits the answer of a sign-in as pasted text too. It ends with an error where another sign-in is awaited instead.
pub(crate) fn await_paste(awaited: &Awaited, url: &Url) -> oneshot::Receiver<String> {
    let (sender, receiver) = oneshot::channel();
    *awaited.lock().unwrap_or_else(PoisonError::into_inner) = Some((url.clone(), sender));
    receiver
}

/// Hands a pasted text over, if it is the address that is awaited and holds an answer; the same rules count for it as for
/// a browser that came by itself.
pub(crate) fn bring_back(awaited: &Awaited, text: &str) -> bool {
    if text.len() > limits::PASTE {
        return false;
    }
    let Ok(mut pasted) = Url::parse(text.trim()) else { return false };
    let query = pasted.query().unwrap_or_default().to_owned();
    pasted.set_query(None);
    pasted.set_fragment(None);
    let mut awaited = awaited.lock().unwrap_or_else(PoisonError::into_inner);
    let fits = awaited.as_ref().is_some_and(|(url, _)| *url == pasted) && !query.is_empty();
    fits && awaited.take().is_some_and(|(_, sender)| sender.send(query).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn security_h15_only_the_awaited_address_brings_an_answer_and_only_once() {
        let (awaited, url) = (Awaited::default(), Url::parse("http://127.0.0.1:4711/0af3").unwrap());
        assert!(!bring_back(&awaited, "http://127.0.0.1:4711/0af3?code=c"), "nothing is awaited");
        let mut answer = await_paste(&awaited, &url);
        for other in [
            "http://127.0.0.1:4711/0af3",
            "http://127.0.0.1:4711/0af3?",
            "http://127.0.0.1:4712/0af3?code=c",
            "http://127.0.0.1:4711/0af4?code=c",
            "https://127.0.0.1:4711/0af3?code=c",
            "http://evil.example/0af3?code=c",
            "openid4vp://?client_id=a",
            "0af3?code=c",
            "",
        ] {
            assert!(!bring_back(&awaited, other), "{other}");
        }
        assert!(answer.try_recv().is_err());
        assert!(bring_back(&awaited, " http://127.0.0.1:4711/0af3?code=c&state=s#x\n"));
        assert_eq!(answer.try_recv().as_deref(), Ok("code=c&state=s"));
        assert!(!bring_back(&awaited, "http://127.0.0.1:4711/0af3?code=c"), "once");
    }

    #[test]
    fn security_h15_where_nobody_waits_any_more_the_text_is_like_any_other() {
        let (awaited, url) = (Awaited::default(), Url::parse("http://127.0.0.1:4711/0af3").unwrap());
        drop(await_paste(&awaited, &url));
        assert!(!bring_back(&awaited, "http://127.0.0.1:4711/0af3?code=c"));
    }
}
