//! Vaults with many real cards in them.

use std::{fs, path::PathBuf};

use leerpas_core::{
    Activity, ActivityId, ActivityKind, Card, CardId, Entropy as _, KeyId, Machine as _, OsEntropy, Outcome as Ended,
    Step, SystemClock, Timestamp,
};
use leerpas_credential::{
    keys::HolderKey,
    read::{Unverified, read},
    report::{Report, Verdict},
    sd_jwt::{ClaimPath, Issuance, PathElement, issue},
    verify::{Binding, Policy, Resources, Verification},
};
use leerpas_vault::{KdfParameters, KeyPurpose, NewCard, NewCopy, NewKey, RecoveryKey, Vault};
use leerpas_wallet::World;
use serde_json::{Value, json};

use crate::{
    Outcome,
    series::Series,
    trial::{Samples, Trial, passphrase},
};

const SUBJECTS: [&str; 25] = [
    "Watermanagement",
    "Data-analyse",
    "Wondzorg",
    "Procesveiligheid",
    "Wijkverpleging",
    "Energietransitie",
    "Robotica",
    "Didactiek",
    "Toetsconstructie",
    "Bodemkunde",
    "Cyberveiligheid",
    "Logistiek",
    "Bouwfysica",
    "Gespreksvoering",
    "Duurzaamheid",
    "Ethiek",
    "Kunstmatige intelligentie",
    "Projectleiding",
    "Microbiologie",
    "Statistiek",
    "Omgevingsrecht",
    "Verandermanagement",
    "Meertaligheid",
    "Circulair ontwerpen",
    "Ouderenzorg",
];
const SETTINGS: [&str; 8] = [
    "in de stad",
    "voor professionals",
    "in de praktijk",
    "voor docenten",
    "in de zorg",
    "aan de kust",
    "voor beginners",
    "in het bedrijf",
];

/// A vault with this many cards, closed.
pub struct Shelf {
    /// How many cards.
    pub count: usize,
    /// The folder.
    pub profile: PathBuf,
    /// Opens it without the passphrase.
    pub recovery: RecoveryKey,
}

/// Signs microcredentials that differ from the sample in title, description, number, holder and salts.
pub struct Press {
    key: leerpas_credential::keys::IssuerKey,
    header: Value,
    claims: Value,
    disclosable: Vec<ClaimPath>,
}

impl Press {
    /// Takes the sample apart.
    pub fn new(trial: &Trial, samples: &Samples) -> Outcome<Self> {
        let (key, x5c) = trial.signer()?;
        let sample = read(&samples.microcredential)?;
        let claims = sample.claims().clone();
        let mut disclosable = Vec::new();
        paths(&sample, &claims, &mut Vec::new(), &mut disclosable);
        if disclosable.is_empty() {
            return Err("the sample has nothing to choose from".into());
        }
        Ok(Self { key, header: json!({ "alg": "ES256", "typ": "dc+sd-jwt", "x5c": x5c }), claims, disclosable })
    }

    /// Signs one for a holder.
    pub fn sign(&self, number: usize, holder: &HolderKey, with_status: bool) -> Outcome<Vec<u8>> {
        let mut claims = self.claims.clone();
        let title = title(number);
        claims["cnf"] = json!({ "jwk": holder.public().to_jwk() });
        let achievement = &mut claims["credentialSubject"]["achievement"];
        achievement["description"] = json!(format!("{title}: van eerste kennismaking tot zelfstandig toepassen."));
        achievement["educationProgramIdentifier"] = json!(90_100_000 + number);
        achievement["image"]["caption"] = json!(title);
        achievement["name"] = json!(title);
        if let (false, Some(members)) = (with_status, claims.as_object_mut()) {
            members.remove("status");
        }
        let issuance = Issuance { header: self.header.clone(), claims, disclosable: &self.disclosable, decoys: 2 };
        Ok(issue(issuance, &self.key, &OsEntropy)?.into_bytes())
    }
}

impl Shelf {
    /// Makes the vault, signs the cards and keeps them as the wallet would.
    pub async fn make(trial: &Trial, samples: &Samples, profile: PathBuf, count: usize) -> Outcome<Self> {
        let press = Press::new(trial, samples)?;
        let world = trial.world()?;
        let (mut vault, recovery) =
            Vault::create(&profile, &passphrase(), KdfParameters::DEFAULT, &SystemClock, &OsEntropy)?;
        let mut resources = Resources::default();
        for number in 0..count {
            let key = HolderKey::make(&OsEntropy);
            let original = press.sign(number, &key, true)?;
            let (credential, report) = check(&world, &original, &key, &mut resources).await?;
            if report.verdict != Verdict::Valid {
                return Err(
                    format!("a credential of the bench is {}: {:?}", report.verdict.as_str(), report.checks).into()
                );
            }
            vault.keep(&new_card(&world, &credential, &report, key, original)?)?;
        }
        Ok(Self { count, profile, recovery })
    }
}

/// Prints how large a sample and a vault are, so that a reader knows what the figures are about.
pub fn tell_sizes(samples: &Samples, shelf: &Shelf) -> Outcome<()> {
    let kilobytes = |bytes: u64| bytes as f64 / 1_000.0;
    let sizes = [
        ("size.microcredential".to_owned(), samples.microcredential.len() as u64),
        ("size.badge".to_owned(), samples.badge.len() as u64),
        (format!("size.vault.{}", shelf.count), fs::metadata(shelf.profile.join("vault.db"))?.len()),
    ];
    for (name, bytes) in sizes {
        let mut size = Series::of(name, "kB");
        size.value(kilobytes(bytes));
        size.tell();
    }
    Ok(())
}

/// The title of a card by its number; each word is in many titles, the number in one.
pub fn title(number: usize) -> String {
    let subject = SUBJECTS[number % SUBJECTS.len()];
    let setting = SETTINGS[(number / SUBJECTS.len()) % SETTINGS.len()];
    format!("{subject} {setting}, deel {number}")
}

/// Checks a credential with the real network; what was fetched serves the next one.
async fn check(
    world: &World,
    original: &[u8],
    key: &HolderKey,
    resources: &mut Resources,
) -> Outcome<(Unverified, Report)> {
    let policy = Policy {
        trust: world.trust.clone(),
        binding: Binding::HolderKey(key.public()),
        resources: resources.clone(),
        network: true,
        issuer: None,
        identities: Vec::new(),
    };
    let mut step = Verification::start(read(original)?, policy, world.env())?;
    loop {
        step = match step {
            Step::Send(exchange, machine) => machine.reply(world.client.run(*exchange).await, world.env())?,
            Step::Ask(question, _) => match question {},
            Step::Done(checked) => {
                *resources = checked.resources.clone();
                return Ok((checked.credential().clone(), checked.report));
            }
        };
    }
}

fn new_card(
    world: &World,
    credential: &Unverified,
    report: &Report,
    key: HolderKey,
    original: Vec<u8>,
) -> Outcome<NewCard> {
    let now = Timestamp::now();
    let facts = credential.facts(&world.trust);
    let card = Card {
        id: CardId::make(&OsEntropy),
        facts,
        status: report.status,
        checked: report.checked,
        received: now,
        copies: 1,
    };
    let id = KeyId::make(&OsEntropy);
    let activity = Activity {
        id: ActivityId::make(&OsEntropy),
        at: now,
        kind: ActivityKind::Received,
        party: Some(card.facts.issuer.clone()),
        purpose: None,
        told: None,
        cards: vec![card.id.clone()],
        titles: vec![card.facts.title.clone()],
        claims: Vec::new(),
        outcome: Ended::Done,
        error: None,
        elsewhere: false,
    };
    let new_key = NewKey {
        id: id.clone(),
        purpose: KeyPurpose::Holder,
        party: Some(card.facts.issuer.identifier.clone()),
        algorithm: "ES256".to_owned(),
        public_jwk: key.public().to_jwk(),
        private: key.secret(),
        made: now,
    };
    let mut fingerprint = [0_u8; 32];
    OsEntropy.fill(&mut fingerprint);
    Ok(NewCard {
        card,
        report: serde_json::to_value(report)?,
        fingerprint: fingerprint.iter().map(|byte| format!("{byte:02x}")).collect(),
        copies: vec![NewCopy { original, key: Some(id) }],
        keys: vec![new_key],
        activity: Some(activity),
    })
}

/// Every path that the sample lets the holder choose.
fn paths(sample: &Unverified, value: &Value, path: &mut ClaimPath, found: &mut Vec<ClaimPath>) {
    if !path.is_empty() && sample.selectable(path) {
        found.push(path.clone());
    }
    let inner: Vec<(PathElement, &Value)> = match value {
        Value::Object(members) => {
            members.iter().map(|(name, inner)| (PathElement::from(name.as_str()), inner)).collect()
        }
        Value::Array(elements) => {
            elements.iter().enumerate().map(|(index, inner)| (PathElement::from(index), inner)).collect()
        }
        _ => Vec::new(),
    };
    for (element, inner) in inner {
        path.push(element);
        paths(sample, inner, path, found);
        path.pop();
    }
}
