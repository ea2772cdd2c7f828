//! Which connections the wallet makes: few within a flow, and none that two flows share.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use crate::common::{Place, phrase, take};
use crate::learner::{asked, end, yes};
use crate::verifier::Employer;
use leerpas_net::{Addresses, Client, Limits, Names, Policy, RequestLog, SystemNames};
use leerpas_wallet::{Wallet, World};

/// Counts the look-ups of names: there is one for each connection.
struct Counted(Arc<AtomicUsize>);

impl Names for Counted {
    fn addresses<'a>(&'a self, host: &'a str) -> Addresses<'a> {
        self.0.fetch_add(1, Ordering::SeqCst);
        SystemNames.addresses(host)
    }
}

#[tokio::test]
async fn a_flow_uses_its_connection_again_and_the_next_flow_makes_its_own() {
    let place = Place::new();
    let sandbox = place.sandbox().await;
    let log = place.path("net.log");
    let policy = Policy {
        allow_loopback: true,
        extra_roots_pem: vec![std::fs::read(place.path("ca.pem")).unwrap()],
        log: Some(RequestLog::open(&log).unwrap()),
    };
    let made = Arc::new(AtomicUsize::new(0));
    let client = Client::with(policy, Limits::default(), Counted(Arc::clone(&made))).unwrap();
    let world = World { client: Arc::new(client), ..World::prepare(place.options()).unwrap() };
    let wallet = Wallet::new(place.path("profile"), world);
    wallet.create(phrase()).await.unwrap();
    let mut seen = (0, 0);
    let mut since = || {
        let requests = std::fs::read_to_string(&log).unwrap().lines().count();
        let now = (requests, made.load(Ordering::SeqCst));
        let before = std::mem::replace(&mut seen, now);
        (now.0 - before.0, now.1 - before.1)
    };

    for _ in 0..2 {
        take(&wallet, &sandbox.offers["microcredential"], &sandbox.tx_code).await.unwrap();
        let (requests, connections) = since();
        assert!(requests >= 6, "{requests}");
        // More than one only where the computer was too busy to go on within the time that a connection is kept.
        assert!((1..requests / 2).contains(&connections), "{connections} connections for {requests} requests");
    }
    let desk = Employer::start(place.folder.path()).await;
    for _ in 0..2 {
        let request = desk.ask("microcredential").await;
        let prompt = asked(&wallet, &request.link).await;
        end(wallet.answer(yes(&prompt)).await).unwrap();
        let (requests, connections) = since();
        assert_eq!(requests, 2);
        assert!((1..=2).contains(&connections), "{connections}");
    }
}
