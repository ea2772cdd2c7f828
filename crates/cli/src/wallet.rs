//! The commands that use the wallet.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, Write as _},
    path::{Path, PathBuf},
};

use leerpas_core::{CardId, ErrorKind, Failure, Outcome, Secret};
use leerpas_wallet::{
    Answer, Choice, End, Export, Form, Hand, OfferPrompt, Page, Progress, Prompt, Refresh, SharePrompt, Verdict,
    Wallet, World, check_file,
};
use serde_json::{Value, json};

use crate::{
    arguments::{Arguments, Command, Trust},
    attestations,
    browser::{self, Asked},
    input, later, offline, passphrase, receipts,
    spoken::{Spoken, is_interactive, tell},
    views::{self, Line},
};

/// Runs a command that needs the vault.
pub async fn run(arguments: &Arguments, world: World) -> Result<Spoken, Failure> {
    let folder = match &arguments.profile {
        Some(folder) => folder.clone(),
        None => default_profile()?,
    };
    let wallet = Wallet::new(folder, world);
    if let Command::Init = arguments.command {
        return init(&wallet, arguments).await;
    }
    // What is wrong with the input is told before anyone types a passphrase.
    let inputs = match &arguments.command {
        Command::Receive { offer, .. } if later::is_address(offer) => Vec::new(),
        Command::Receive { offer, .. } => vec![input::read(offer)?],
        Command::Present { request, .. } => vec![input::read(request)?],
        Command::Import { files } => files.iter().map(|path| input::file(path)).collect::<Result<_, _>>()?,
        _ => Vec::new(),
    };
    wallet.unlock(passphrase::read(arguments.passphrase_file.as_deref(), false)?).await?;
    for line in wallet.take_broken_off() {
        tell(&views::broken_off(&line));
    }
    wallet.hold_lists().await?;
    let outcome = match &arguments.command {
        Command::Receive { offer, credential, tx_code, auth_browser, approve, card, without } => {
            let asked = Asked { browser: auth_browser.as_deref(), choice: choice(card, without)?, approve: *approve };
            let begun = if inputs.is_empty() {
                wallet.visit(offer).await
            } else {
                wallet.arrive_several(inputs, Hand::Person).await
            };
            match begun {
                Ok(progress) => receive(&wallet, progress, (tx_code.as_deref(), credential), &asked).await,
                Err(failure) => Err(failure),
            }
        }
        Command::Waiting { give_up } => later::waiting(&wallet, give_up.as_deref()).await,
        Command::Collect { id } => later::collect(&wallet, id.as_deref()).await,
        Command::Refill { id } => later::refill(&wallet, &card_id(id)).await,
        Command::Attestations { key_for, add, file, remove } => {
            let words = attestations::Words { key_for, add, file, remove };
            attestations::run(&wallet, &words).await
        }
        Command::Institutions => Ok(later::institutions(&wallet)),
        Command::Import { .. } => import(&wallet, inputs).await,
        Command::Cards { query } => cards(&wallet, query.clone(), arguments.json).await,
        Command::Card { id, raw } => card(&wallet, &card_id(id), *raw).await,
        Command::Export { id, file, picture, everything } => {
            let form = if *picture { Form::Picture } else { Form::Original };
            export(&wallet, &card_id(id), file.as_deref(), form, *everything).await
        }
        Command::Identities { add, remove } => identities(&wallet, add, remove).await,
        Command::Present { card, without, approve, decline, offline, .. } => {
            let choice = choice(card, without)?;
            present(&wallet, inputs, choice, (*approve, *decline), offline.as_deref()).await
        }
        Command::Refresh { id, due } => {
            let which = match id {
                Some(id) => Refresh::One(card_id(id)),
                None if *due => Refresh::Due,
                None => Refresh::All,
            };
            refresh(&wallet, which).await
        }
        Command::Activity { receipt: Some(id), file } => receipts::run(&wallet, id, file.as_deref()).await,
        Command::Activity { receipt: None, .. } => activity(&wallet).await,
        Command::Keys => keys(&wallet).await,
        Command::Delete { id } => delete(&wallet, &card_id(id)).await,
        Command::Trust { command } => trust(&wallet, command).await,
        Command::Init | Command::Verify { .. } | Command::Desk { .. } | Command::Sandbox { .. } => {
            Err(Failure::new(ErrorKind::Internal, "command", "this command needs no vault"))
        }
    };
    wallet.lock().await;
    outcome
}

/// `verify`: needs no vault.
pub async fn verify(world: &World, file: &str, expect_holder: bool) -> Result<Spoken, Failure> {
    let found = check_file(world, &input::bytes(file)?, expect_holder).await?;
    let text = format!(
        "{}: {}\n{}",
        found.report.verdict.as_str(),
        views::plain(&found.facts.title),
        views::checks_for_people(&found.report)
    );
    let exit = match found.report.verdict {
        Verdict::Valid => 0,
        Verdict::Invalid => 1,
        Verdict::Unknown => 4,
    };
    Ok(Spoken { exit, ..Spoken::done(views::judgement(&found), text) })
}

async fn init(wallet: &Wallet, arguments: &Arguments) -> Result<Spoken, Failure> {
    let recovery = wallet.create(passphrase::read(arguments.passphrase_file.as_deref(), true)?).await?;
    wallet.lock().await;
    let text = format!(
        "The vault is made. This recovery key opens it when the passphrase is forgotten.\n\
         It is shown only now; write it down and keep it apart from this computer:\n\n    {}",
        recovery.expose()
    );
    Ok(Spoken::done(json!({"vault": wallet.folder(), "recovery_key": recovery.expose()}), text))
}

async fn receive(
    wallet: &Wallet,
    mut progress: Progress,
    (code, wanted): (Option<&str>, &[String]),
    asked: &Asked<'_>,
) -> Result<Spoken, Failure> {
    let mut given = code.map(str::to_owned);
    loop {
        let answer = match progress {
            Progress::Ask(prompt) => match *prompt {
                Prompt::Offer(offer) => match code_for(&offer, &mut given)? {
                    Some(answer) => answer,
                    None => {
                        // The last code was wrong and nobody is there to give another one.
                        wallet.dismiss().await;
                        return Err(wrong_code());
                    }
                },
                Prompt::Choose(choosing) => match later::choose(&choosing, wanted) {
                    Some(answer) => answer,
                    None => {
                        wallet.dismiss().await;
                        return Ok(later::choices(&choosing));
                    }
                },
                Prompt::SignIn { url, host } => {
                    progress = browser::sign_in(wallet, &url, &host, asked).await?;
                    continue;
                }
                Prompt::Review(review) => {
                    for (card, report) in &review.cards {
                        tell(&format!("{}\n{}", views::plain(&card.facts.title), views::checks_for_people(report)));
                    }
                    if review.duplicate {
                        tell("You have this card already; the new one takes its place.");
                    }
                    if let Some(words) = views::version_for_people(review.version) {
                        tell(words);
                    }
                    Answer::Keep
                }
                Prompt::Share(_) | Prompt::Frames(_) | Prompt::Contact { .. } => return Err(not_this("an offer")),
            },
            Progress::Ended(end) => return kept(*end),
            Progress::Idle | Progress::Working(_) => return Err(not_this("an offer")),
        };
        progress = wallet.answer(answer).await?;
    }
}

/// The answer to an offer; `None` when a code was wrong and there is no other.
fn code_for(offer: &OfferPrompt, given: &mut Option<String>) -> Result<Option<Answer>, Failure> {
    tell(&format!("{} offers: {}", views::plain(&offer.issuer.name), views::plain(&offer.titles.join(", "))));
    let Some(prompt) = &offer.code else {
        return Ok(Some(Answer::Take { code: None }));
    };
    if let Some(code) = given.take() {
        return Ok(Some(Answer::Take { code: Some(Secret::new(code)) }));
    }
    if !is_interactive() {
        if offer.wrong_code {
            return Ok(None);
        }
        let words = format!("{} asks for the code that it gave you: give --tx-code", prompt.host);
        return Err(Failure::new(ErrorKind::TxCodeNeeded, "token", words));
    }
    let hint = prompt.description.as_deref().map(views::plain).unwrap_or_default();
    let wrong = if offer.wrong_code { "That code was wrong. " } else { "" };
    let code = passphrase::ask(&format!("{wrong}The code for {} {hint}: ", prompt.host))?;
    Ok(Some(Answer::Take { code: Some(code) }))
}

async fn import(wallet: &Wallet, inputs: Vec<leerpas_wallet::Input>) -> Result<Spoken, Failure> {
    let mut progress = wallet.arrive_several(inputs, Hand::Person).await?;
    if let Progress::Ask(prompt) = &progress
        && let Prompt::Contact { host } = &**prompt
    {
        tell(&format!("The picture holds only the address of a badge, at {}.", views::plain(host)));
        if is_interactive() && !agreed("Fetch it from there? Type yes to fetch: ")? {
            wallet.dismiss().await;
            return Err(Failure::new(ErrorKind::Declined, "import", "nothing was fetched"));
        }
        progress = wallet.answer(Answer::Take { code: None }).await?;
    }
    if let Progress::Ask(prompt) = &progress {
        let Prompt::Review(review) = &**prompt else { return Err(not_this("a badge")) };
        for (card, report) in &review.cards {
            tell(&format!("{}\n{}", views::plain(&card.facts.title), views::checks_for_people(report)));
        }
        if let Some(words) = views::version_for_people(review.version) {
            tell(words);
        }
        progress = wallet.answer(Answer::Keep).await?;
    }
    match progress {
        Progress::Ended(end) => kept(*end),
        _ => Err(not_this("a badge")),
    }
}

pub(crate) fn kept(end: End) -> Result<Spoken, Failure> {
    match end {
        End::Kept(cards) => {
            let (cards, text) = views::kept(&cards);
            Ok(Spoken::done(json!({"cards": cards}), text))
        }
        End::Later { kept, waiting } => Ok(later::promised(&kept, &waiting)),
        End::Failed(failure) => Err(failure),
        End::Declined => Err(Failure::new(ErrorKind::Declined, "review", "nothing was kept")),
        End::Shared { .. } => Err(not_this("an offer")),
    }
}

/// There may be very many, so only that is made of them which is printed.
async fn cards(wallet: &Wallet, query: Option<String>, as_json: bool) -> Result<Spoken, Failure> {
    let cards = wallet.cards(query, Page::ALL).await?;
    let lines: Vec<Line<'_>> = cards.iter().map(Line::from).collect();
    if !as_json {
        return Ok(Spoken::done(Value::Null, lines.iter().map(|line| format!("{line}\n")).collect::<String>()));
    }
    let mut bytes = serde_json::to_vec(&BTreeMap::from([("cards", lines)]))
        .map_err(|e| Failure::new(ErrorKind::Internal, "cards", e.to_string()))?;
    bytes.push(b'\n');
    Ok(Spoken { raw: Some(bytes), ..Spoken::silent() })
}

async fn refresh(wallet: &Wallet, which: Refresh) -> Result<Spoken, Failure> {
    let refreshed = wallet.refresh(which).await?;
    let cards = wallet.cards(None, Page::ALL).await?;
    let checked: Vec<Line<'_>> =
        cards.iter().filter(|card| refreshed.checked.contains(&card.id)).map(Line::from).collect();
    let mut text = checked.iter().map(|line| format!("{line}\n")).collect::<String>();
    for host in &refreshed.silent {
        text.push_str(&format!("no answer from {}\n", views::plain(host)));
    }
    let json = json!({"cards": checked, "changed": refreshed.changed, "requests": refreshed.requests,
        "silent": refreshed.silent});
    Ok(Spoken::done(json, text))
}

async fn card(wallet: &Wallet, id: &CardId, raw: bool) -> Result<Spoken, Failure> {
    if raw {
        let original = wallet.original(id).await?;
        let json = json!({"original": String::from_utf8_lossy(&original)});
        return Ok(Spoken { raw: Some(original), ..Spoken::done(json, "") });
    }
    let (card, report) = wallet.card(id).await?;
    let detail = views::detail(&card, &report);
    let text = format!(
        "{}\n{}\n{}\n{}",
        Line::from(&card),
        card.facts.description.as_deref().map(views::plain).unwrap_or_default(),
        views::checks_for_people(&report),
        serde_json::to_string_pretty(&card.facts.claims).unwrap_or_default(),
    );
    Ok(Spoken::done(json!({"card": detail}), text))
}

async fn export(
    wallet: &Wallet,
    id: &CardId,
    file: Option<&Path>,
    form: Form,
    everything: bool,
) -> Result<Spoken, Failure> {
    let export = wallet.export(id, form).await?;
    if export.shows_everything && !everything {
        let words = "this file would show everything, also what can be kept back when sharing; if that is meant, \
                     give --everything";
        return Err(Failure::new(ErrorKind::Usage, "export", words));
    }
    written(export, file)
}

/// The bytes on standard output, or in a new file.
pub(crate) fn written(export: Export, file: Option<&Path>) -> Result<Spoken, Failure> {
    let Some(file) = file else {
        return Ok(Spoken { raw: Some(export.bytes), ..Spoken::done(Value::Null, "") });
    };
    let fail = |e: std::io::Error| Failure::new(ErrorKind::Usage, "export", format!("{}: {e}", file.display()));
    let mut out = std::fs::File::create_new(file).map_err(fail)?;
    out.write_all(&export.bytes).and_then(|()| out.sync_all()).map_err(fail)?;
    let json = json!({"file": file, "bytes": export.bytes.len(), "shows_everything": export.shows_everything});
    Ok(Spoken::done(json, format!("Written to {}.", file.display())))
}

async fn identities(wallet: &Wallet, add: &[String], remove: &[String]) -> Result<Spoken, Failure> {
    let mut identities = wallet.identities().await?;
    if !add.is_empty() || !remove.is_empty() {
        identities.retain(|known| !remove.iter().any(|gone| gone.trim().eq_ignore_ascii_case(known)));
        identities.extend(add.iter().cloned());
        wallet.set_identities(identities).await?;
        identities = wallet.identities().await?;
    }
    let text = identities.iter().map(|identity| views::plain(identity) + "\n").collect::<String>();
    Ok(Spoken::done(json!({"identities": identities}), text))
}

pub(crate) async fn present(
    wallet: &Wallet,
    inputs: Vec<leerpas_wallet::Input>,
    choice: Choice,
    (approve, decline): (bool, bool),
    offline: Option<&Path>,
) -> Result<Spoken, Failure> {
    let Progress::Ask(prompt) = wallet.arrive_several(inputs, Hand::Person).await? else {
        return Err(not_this("a request"));
    };
    let Prompt::Share(prompt) = *prompt else { return Err(not_this("a request")) };
    if decline {
        return shared(wallet.answer(Answer::Decline).await?, &prompt);
    }
    tell(&views::plan_for_people(&prompt));
    if !prompt.plan.is_answerable() {
        wallet.dismiss().await;
        let words = "no card fits what is required; nothing was sent (--decline tells them no)";
        return Err(Failure::new(ErrorKind::NothingFits, "match", words));
    }
    if prompt.plan.response_host.is_none() && offline.is_none() && approve {
        wallet.dismiss().await;
        let words = "this request wants its answer as pictures: give --offline; nothing was shared";
        return Err(Failure::new(ErrorKind::Usage, "approve", words));
    }
    let said_yes = approve || (is_interactive() && agreed("Share this? Type yes to share: ")?);
    if !said_yes {
        wallet.dismiss().await;
        return Ok(Spoken::done(
            json!({"plan": views::plan(&prompt), "sent": false}),
            "Nothing was sent. To share this, give --approve.",
        ));
    }
    if let Err(taken) = offline::refuse_taken(offline) {
        wallet.dismiss().await;
        return Err(taken);
    }
    let fingerprint = prompt.plan.fingerprint.clone();
    let progress = wallet.answer(Answer::Share { fingerprint, choice }).await?;
    match progress {
        Progress::Ask(next) if matches!(*next, Prompt::Frames(_)) => {
            let Prompt::Frames(frames) = *next else { return Err(not_this("a request")) };
            offline::show(wallet, &frames, &prompt, offline).await
        }
        other => shared(other, &prompt),
    }
}

pub(crate) fn shared(progress: Progress, prompt: &SharePrompt) -> Result<Spoken, Failure> {
    let Progress::Ended(end) = progress else { return Err(not_this("a request")) };
    match *end {
        End::Shared { party, outcome, count, go_on } => {
            let word = if outcome == Outcome::Done { "shared" } else { "may_have_been_shared" };
            let text = if outcome == Outcome::Done {
                let next = go_on.as_ref().map_or_else(String::new, |url| format!("\nGo on in your browser: {url}"));
                format!("Shared {count} details with {}.{next}", views::plain(&party.name))
            } else {
                format!(
                    "It was sent to {} and nobody confirmed it: it may have been shared.",
                    views::plain(&party.name)
                )
            };
            let json = json!({
                "sent": true,
                "outcome": word,
                "party": views::party(&party),
                "count": count,
                "redirect_uri": go_on,
                "plan": views::plan(prompt),
            });
            // Sent and not confirmed is neither done nor undone; a script must not take it for done.
            let exit = if outcome == Outcome::Done { 0 } else { ErrorKind::ResponseUnconfirmed.exit_code() };
            Ok(Spoken { exit, ..Spoken::done(json, text) })
        }
        End::Declined => Err(Failure::new(ErrorKind::Declined, "response", "declined: nothing was shared")),
        End::Failed(failure) => Err(failure),
        End::Kept(_) | End::Later { .. } => Err(not_this("a request")),
    }
}

async fn activity(wallet: &Wallet) -> Result<Spoken, Failure> {
    let activities = wallet.activities().await?;
    let text = activities
        .iter()
        .map(|each| {
            let who = each.party.as_ref().map(|party| views::plain(&party.name)).unwrap_or_default();
            let what = views::plain(&each.titles.join(", "));
            let (kind, outcome) = (views::word(&each.kind), views::word(&each.outcome));
            format!("{}  {kind:<9} {outcome:<9} {who}: {what}  ({})\n", each.at, each.id)
        })
        .collect::<String>();
    Ok(Spoken::done(json!({"activities": activities.iter().map(views::activity).collect::<Vec<_>>()}), text))
}

async fn keys(wallet: &Wallet) -> Result<Spoken, Failure> {
    let keys = wallet.keys().await?;
    let text = keys
        .iter()
        .map(|key| {
            let card = key.card.as_deref().map(views::plain).unwrap_or_default();
            format!("{}  {:<8} {}  {card}\n", key.record.id, key.record.purpose.as_str(), key.thumbprint)
        })
        .collect::<String>();
    Ok(Spoken::done(json!({"keys": keys.iter().map(views::key).collect::<Vec<_>>()}), text))
}

async fn trust(wallet: &Wallet, command: &Trust) -> Result<Spoken, Failure> {
    match command {
        Trust::Add { issuer_of: Some(id), .. } => {
            wallet.trust_issuer(&card_id(id)).await?;
        }
        Trust::Add { file, signer, .. } => {
            let bytes = |path: &PathBuf| input::bytes(&path.to_string_lossy());
            let list = file.as_ref().map(bytes).transpose()?.unwrap_or_default();
            let signer = signer.as_ref().map(bytes).transpose()?;
            wallet.trust_list(&list, signer.as_deref()).await?;
        }
        Trust::Remove { id } => wallet.distrust(id).await?,
        Trust::List => {}
    }
    let trusted = wallet.trusted().await?;
    let lines = trusted.iter().map(|one| {
        let name = one.institution.name.values().next().map_or("", String::as_str);
        format!("{}  {}  {}\n", one.id, views::plain(name), views::plain(&one.institution.identifiers.join(" ")))
    });
    let text = lines.collect::<String>();
    Ok(Spoken::done(json!({"trusted": trusted.iter().map(views::trusted).collect::<Vec<_>>()}), text))
}

async fn delete(wallet: &Wallet, id: &CardId) -> Result<Spoken, Failure> {
    wallet.delete(id).await?;
    Ok(Spoken::done(json!({"deleted": id}), format!("{id} is gone.")))
}

/// `QUERY=ID` and `QUERY:PATH`.
fn choice(cards: &[String], without: &[String]) -> Result<Choice, Failure> {
    let wrong = |word: &str, form: &str| Failure::new(ErrorKind::Usage, "arguments", format!("{word} is not {form}"));
    let mut choice = Choice::default();
    for word in cards {
        let (query, id) = word.split_once('=').ok_or_else(|| wrong(word, "QUERY=ID"))?;
        // Named again, a query gets one card more.
        if choice.cards.contains_key(query) {
            choice.more.push((query.to_owned(), card_id(id)));
        } else {
            choice.cards.insert(query.to_owned(), card_id(id));
        }
    }
    for word in without {
        let (query, path) = word.split_once(':').ok_or_else(|| wrong(word, "QUERY:PATH"))?;
        choice.without.push((query.to_owned(), path.to_owned()));
    }
    Ok(choice)
}

pub(crate) fn agreed(question: &str) -> Result<bool, Failure> {
    let mut out = std::io::stderr();
    let mut line = String::new();
    write!(out, "{question}")
        .and_then(|()| out.flush())
        .and_then(|()| std::io::stdin().lock().read_line(&mut line))
        .map_err(|e| Failure::new(ErrorKind::Usage, "approve", e.to_string()))?;
    Ok(["yes", "ja"].contains(&line.trim()))
}

fn card_id(text: &str) -> CardId {
    match text.parse() {
        Ok(id) => id,
        Err(never) => match never {},
    }
}

fn default_profile() -> Result<PathBuf, Failure> {
    directories::ProjectDirs::from("nl", "Leerpas", "Leerpas")
        .map(|dirs| dirs.data_local_dir().to_owned())
        .ok_or_else(|| Failure::new(ErrorKind::Usage, "start", "there is no home folder: give --profile"))
}

fn wrong_code() -> Failure {
    Failure::new(ErrorKind::TxCodeWrong, "token", "the institution refused this code")
}

pub(crate) fn not_this(wanted: &str) -> Failure {
    Failure::new(ErrorKind::NotRecognised, "input", format!("this is not {wanted}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vp_6_1_a_query_that_is_named_again_gets_one_card_more() {
        let words = |list: &[&str]| list.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let made = choice(&words(&["a=1", "b=2", "a=3"]), &words(&["a:name"])).unwrap();
        assert_eq!(made.cards, [("a".to_owned(), card_id("1")), ("b".to_owned(), card_id("2"))].into());
        assert_eq!(made.more, [("a".to_owned(), card_id("3"))]);
        assert_eq!(made.without, [("a".to_owned(), "name".to_owned())]);
        assert_eq!(choice(&words(&["a"]), &[]).unwrap_err().kind, ErrorKind::Usage);
    }
}
