//! A sign-in where the browser cannot come back by itself (security.md H15): another program keeps the door, or a firewall
//! does. The learner copies the address that their browser could not open, and pastes it.

use std::{process::Stdio, sync::Arc, time::Duration};

use crate::common::{Place, holdings, link};
use leerpas_core::Url;
use leerpas_wallet::{Answer, End, Hand, Progress, Prompt, Wallet};
use tokio::io::AsyncWriteExt as _;

/// What the browser of the learner is told at the institution's page, after a click on yes: where to go.
async fn sent_to(place: &Place, page: &Url) -> Url {
    let reference = page.query_pairs().find(|(name, _)| name == "request_uri").unwrap().1.into_owned();
    let mut yes = page.join("authorize/yes").unwrap();
    yes.query_pairs_mut().append_pair("request_uri", &reference);
    let port = yes.port().unwrap();
    let mut browser = tokio::process::Command::new("openssl")
        .args(["s_client", "-quiet", "-ign_eof", "-connect", &format!("127.0.0.1:{port}"), "-CAfile"])
        .arg(place.path("ca.pem"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let path = format!("{}?{}", yes.path(), yes.query().unwrap());
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost:{port}\r\nconnection: close\r\n\r\n");
    browser.stdin.as_mut().unwrap().write_all(request.as_bytes()).await.unwrap();
    let told = browser.wait_with_output().await.unwrap().stdout;
    let told = String::from_utf8(told).unwrap();
    let back = told.lines().find_map(|line| line.strip_prefix("location: ")).unwrap_or_else(|| panic!("{told}"));
    Url::parse(back.trim()).unwrap()
}

/// From the offer to the page at which the learner signs in.
async fn to_the_page(wallet: &Wallet, offer: &str) -> Url {
    let progress = wallet.arrive(link(offer), Hand::Person).await.unwrap();
    assert!(matches!(&progress, Progress::Ask(prompt) if matches!(**prompt, Prompt::Offer(_))), "{progress:?}");
    let progress = wallet.answer(Answer::Take { code: None }).await.unwrap();
    let Progress::Ask(prompt) = progress else { panic!("{progress:?}") };
    let Prompt::SignIn { url, .. } = *prompt else { panic!("{prompt:?}") };
    url
}

async fn waits_for_the_browser(wallet: &Wallet) {
    let mut watched = wallet.watch();
    let waits = |now: &Progress| matches!(now, Progress::Working(work) if work.as_str() == "authorization");
    tokio::time::timeout(Duration::from_secs(10), watched.wait_for(waits)).await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn security_h15_a_whole_sign_in_by_pasting_the_address_that_the_browser_could_not_open() {
    let place = Place::new();
    let sandbox = place.sandbox().await;
    let wallet = Arc::new(place.wallet().await);
    let page = to_the_page(&wallet, &sandbox.offers["microcredential_with_sign_in"]).await;
    let running = tokio::spawn({
        let wallet = Arc::clone(&wallet);
        async move { wallet.answer(Answer::SignIn).await }
    });
    waits_for_the_browser(&wallet).await;
    let back = sent_to(&place, &page).await;
    assert!(
        back.host_str() == Some("127.0.0.1") && back.query().is_some_and(|query| query.contains("code=")),
        "{back}"
    );
    // What is not that address brings nothing and ends nothing: it is refused, and the sign-in goes on.
    let mut other = back.clone();
    other.set_path("/another");
    assert!(wallet.arrive(link(other.as_str()), Hand::Person).await.is_err());
    assert!(!running.is_finished());
    // Pasted by hand, with what a copy from an address bar may bring along.
    drop(wallet.arrive(link(&format!("  {back}\n")), Hand::Person).await);
    let progress = running.await.unwrap().unwrap();
    assert!(matches!(&progress, Progress::Ask(prompt) if matches!(**prompt, Prompt::Review(_))), "{progress:?}");
    let progress = wallet.answer(Answer::Keep).await.unwrap();
    assert!(matches!(&progress, Progress::Ended(end) if matches!(**end, End::Kept(_))), "{progress:?}");
    assert_eq!(holdings(&wallet).await.0, 1);
    // The address works once.
    assert!(wallet.arrive(link(back.as_str()), Hand::Person).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn security_h15_an_address_with_the_state_of_another_sign_in_is_refused_also_when_pasted() {
    let place = Place::new();
    let sandbox = place.sandbox().await;
    let wallet = Arc::new(place.wallet().await);
    let page = to_the_page(&wallet, &sandbox.offers["microcredential_with_sign_in"]).await;
    let running = tokio::spawn({
        let wallet = Arc::clone(&wallet);
        async move { wallet.answer(Answer::SignIn).await }
    });
    waits_for_the_browser(&wallet).await;
    let mut back = sent_to(&place, &page).await;
    let pairs: Vec<(String, String)> = back
        .query_pairs()
        .map(|(name, value)| {
            (name.clone().into_owned(), if name == "state" { "another".to_owned() } else { value.into_owned() })
        })
        .collect();
    back.query_pairs_mut().clear().extend_pairs(pairs);
    drop(wallet.arrive(link(back.as_str()), Hand::Person).await);
    assert!(running.await.unwrap().is_err());
    assert_eq!(holdings(&wallet).await, (0, 0));
}
