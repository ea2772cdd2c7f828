//! What goes on between the learner and an institution: choosing what to collect there, waiting for what comes later,
//! fresh copies.

use leerpas_core::{Card, CardId, EntitlementId, Failure, Timestamp};
use leerpas_wallet::{Answer, Choosing, End, Progress, Prompt, WaitingCard, Wallet};
use serde_json::{Value, json};

use crate::{
    spoken::{Spoken, tell},
    views,
    wallet::{kept, not_this},
};

/// Whether a word is the address of an institution, and not an offer that has the form of one.
pub fn is_address(word: &str) -> bool {
    word.starts_with("https://") && !word.contains("credential_offer")
}

/// What to collect: what was named; else the one thing that there is.
pub fn choose(choosing: &Choosing, wanted: &[String]) -> Option<Answer> {
    match (wanted, choosing.options.as_slice()) {
        ([], [only]) => Some(Answer::Choose(vec![only.id.clone()])),
        ([], _) => None,
        _ => Some(Answer::Choose(wanted.to_vec())),
    }
}

/// What there is to choose from.
pub fn choices(choosing: &Choosing) -> Spoken {
    let lines = choosing.options.iter().map(|one| format!("{}  {}\n", views::plain(&one.id), views::plain(&one.title)));
    let text = format!(
        "{} gives:\n{}Nothing was collected. Choose with --credential.",
        views::plain(&choosing.issuer.name),
        lines.collect::<String>()
    );
    let options: Vec<Value> = choosing.options.iter().map(|one| json!({"id": one.id, "title": one.title})).collect();
    Spoken::done(json!({"issuer": views::party(&choosing.issuer), "choices": options, "cards": []}), text)
}

/// The end of collecting where something comes later.
pub fn promised(kept: &[Card], waiting: &[WaitingCard]) -> Spoken {
    let (cards, mut text) = views::kept(kept);
    for one in waiting {
        text.push_str(&format!("{}\n", words_for(one)));
    }
    text.push_str("The institution hands this out later. Ask again with: leerpas collect");
    Spoken::done(json!({"cards": cards, "waiting": waiting.iter().map(view).collect::<Vec<_>>()}), text)
}

/// `waiting`.
pub async fn waiting(wallet: &Wallet, give_up: Option<&str>) -> Result<Spoken, Failure> {
    if let Some(id) = give_up {
        wallet.give_up(&named(id)).await?;
    }
    let waiting = wallet.waiting().await?;
    let text = waiting.iter().map(|one| words_for(one) + "\n").collect::<String>();
    Ok(Spoken::done(json!({"waiting": waiting.iter().map(view).collect::<Vec<_>>()}), text))
}

/// `collect`: one card, or all that may be asked about. One that fails does not keep the others from being asked about;
/// where nothing came and something failed, that failure is the end of it.
pub async fn collect(wallet: &Wallet, id: Option<&str>) -> Result<Spoken, Failure> {
    if let Some(id) = id {
        return kept(asked(wallet, &named(id)).await?);
    }
    let now = wallet.world().clock.now();
    let (due, early): (Vec<_>, Vec<_>) = wallet.waiting().await?.into_iter().partition(|one| one.ask_after <= now);
    let (mut cards, mut open, mut failures) = (Vec::new(), early, Vec::new());
    for one in due {
        match asked(wallet, &one.id).await {
            Ok(End::Kept(came)) => cards.extend(came),
            Ok(End::Later { waiting, .. }) => open.extend(waiting),
            Ok(_) => {}
            Err(failure) => failures.push((one, failure)),
        }
    }
    match failures.into_iter().next() {
        Some((_, failure)) if cards.is_empty() => Err(failure),
        failed => {
            if let Some((one, failure)) = failed {
                tell(&format!("{}: {failure}", views::plain(&one.title)));
            }
            let (cards, mut text) = views::kept(&cards);
            text.extend(open.iter().map(|one| words_for(one) + "\n"));
            Ok(Spoken::done(json!({"cards": cards, "waiting": open.iter().map(view).collect::<Vec<_>>()}), text))
        }
    }
}

/// Asks about one card, shows its checks, and keeps it.
async fn asked(wallet: &Wallet, id: &EntitlementId) -> Result<End, Failure> {
    let mut progress = wallet.collect(id).await;
    if let Ok(Progress::Ask(prompt)) = &progress {
        let Prompt::Review(review) = &**prompt else { return Err(not_this("a card")) };
        for (card, report) in &review.cards {
            tell(&format!("{}\n{}", views::plain(&card.facts.title), views::checks_for_people(report)));
        }
        progress = wallet.answer(Answer::Keep).await;
    }
    wallet.dismiss().await;
    match progress? {
        Progress::Ended(end) => Ok(*end),
        _ => Err(not_this("a card")),
    }
}

/// `refill`.
pub async fn refill(wallet: &Wallet, id: &CardId) -> Result<Spoken, Failure> {
    let came = wallet.refill(id).await?;
    let copies = wallet.copies(id).await?;
    let text = format!("{came} fresh copies came; {} of {} were seen by nobody.", copies.fresh, copies.all);
    Ok(Spoken::done(json!({"came": came, "copies": copies.all, "fresh": copies.fresh}), text))
}

/// `institutions`.
pub fn institutions(wallet: &Wallet) -> Spoken {
    let known = wallet.institutions();
    let text = known.iter().map(|one| format!("{}  {}\n", views::plain(&one.name), views::plain(&one.address)));
    let text = text.collect::<String>();
    let json: Vec<Value> = known.iter().map(|one| json!({"name": one.name, "address": one.address})).collect();
    Spoken::done(json!({"institutions": json}), text)
}

fn view(one: &WaitingCard) -> Value {
    json!({
        "id": one.id,
        "title": one.title,
        "issuer": views::party(&one.issuer),
        "since": one.since,
        "ask_after": one.ask_after,
    })
}

fn words_for(one: &WaitingCard) -> String {
    let ask_after: Timestamp = one.ask_after;
    format!(
        "later  {}  {}  {}  ask after {ask_after}",
        one.id,
        views::plain(&one.title),
        views::plain(&one.issuer.name)
    )
}

fn named(text: &str) -> EntitlementId {
    match text.parse() {
        Ok(id) => id,
        Err(never) => match never {},
    }
}
