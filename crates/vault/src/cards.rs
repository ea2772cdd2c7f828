//! Cards: kept, listed, found, read and thrown away.

use leerpas_core::{Activity, Card, CardFacts, CardId, CardStatus, Credit, Format, Level, Party, Picture, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    NewCopy, NewKey, Vault, VaultError,
    activities::write_activity,
    copies::write_copies,
    database::{empty_log, instant, stamp},
    search,
};

/// All that comes into the vault with one card, in one transaction.
#[derive(Debug)]
pub struct NewCard {
    /// The card. Its `copies` is counted anew from [`NewCard::copies`].
    pub card: Card,
    /// The report of the check, as the caller writes and reads it.
    pub report: Value,
    /// What makes two cards the same to the caller, such as a hash of what the issuer signed.
    pub fingerprint: String,
    /// The original bytes, one entry per copy.
    pub copies: Vec<NewCopy>,
    /// Keys of those copies that are not in the vault yet.
    pub keys: Vec<NewKey>,
    /// The line of the log: put in, or put in place of the one with its identifier.
    pub activity: Option<Activity>,
}

impl NewCard {
    /// Goes on under the identifier of an older card, so that the log still leads to it.
    pub fn takes_the_place_of(&mut self, older: &CardId) {
        self.card.id = older.clone();
        if let Some(activity) = &mut self.activity {
            activity.cards = vec![older.clone()];
        }
    }
}

/// One card with what the caller wrote beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredCard {
    /// The card.
    pub card: Card,
    /// The report of the last check.
    pub report: Value,
    /// See [`NewCard::fingerprint`].
    pub fingerprint: String,
}

/// What a list shows of a card: read without its claims, report and picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardSummary {
    /// Its name in this vault.
    pub id: CardId,
    /// The title.
    pub title: String,
    /// Who issued it.
    pub issuer: Party,
    /// The format of the original.
    pub format: Format,
    /// As in `CardFacts`: what a request asks for a card by.
    pub types: Vec<String>,
    /// What the last check said.
    pub status: CardStatus,
    /// When that check was made.
    pub checked: Timestamp,
    /// When it came into the vault.
    pub received: Timestamp,
    /// Date of issue.
    pub issued: Option<Timestamp>,
    /// Date from which it holds.
    pub valid_from: Option<Timestamp>,
    /// Date until which it holds.
    pub expires: Option<Timestamp>,
    /// Study load.
    pub credit: Option<Credit>,
    /// Level.
    pub level: Option<Level>,
    /// As [`Card::copies`].
    pub copies: u32,
    /// Whether [`Vault::picture`] gives one.
    pub has_picture: bool,
    /// When its status was last known, if the last check heard nothing newer.
    pub known_at: Option<Timestamp>,
}

/// A part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// How many to leave out at the start.
    pub offset: u32,
    /// How many to give at most.
    pub limit: u32,
}

impl Page {
    /// Everything.
    pub const ALL: Self = Self { offset: 0, limit: u32::MAX };
}

/// The part of a summary that the credential itself says, as the column holds it.
#[derive(Serialize, Deserialize)]
struct Fixed {
    title: String,
    issuer: Party,
    format: Format,
    types: Vec<String>,
    issued: Option<Timestamp>,
    valid_from: Option<Timestamp>,
    expires: Option<Timestamp>,
    credit: Option<Credit>,
    level: Option<Level>,
}

impl Fixed {
    fn of(facts: &CardFacts) -> Self {
        Self {
            title: facts.title.clone(),
            issuer: facts.issuer.clone(),
            format: facts.format,
            types: facts.types.clone(),
            issued: facts.issued,
            valid_from: facts.valid_from,
            expires: facts.expires,
            credit: facts.credit.clone(),
            level: facts.level.clone(),
        }
    }
}

const SUMMARY: &str = "cards.id, received, status, checked, copies, summary, picture IS NOT NULL, known_at";
const ALONE: &str = "id, received, status, checked, copies, facts, picture";
const WHOLE: &str = "id, received, status, checked, copies, facts, picture, report, fingerprint";

impl Vault {
    /// Keeps a card: the card, its copies, their keys and the line of the log, or nothing at all. When
    /// this returns, it is on the disk.
    ///
    /// # Errors
    /// [`VaultError::Conflict`] when the identifier or fingerprint is taken, or a copy names a key that
    /// is neither in the vault nor in [`NewCard::keys`]; [`VaultError::Storage`].
    pub fn keep(&mut self, new: &NewCard) -> Result<(), VaultError> {
        let sealed = new.keys.iter().map(|key| self.seal_key(key)).collect::<Vec<_>>();
        let transaction = self.transaction()?;
        write_all(&transaction, new, &sealed)?;
        Ok(transaction.commit()?)
    }

    /// Every card in full, newest first. For a list, [`Vault::summaries`] is far cheaper.
    ///
    /// # Errors
    /// [`VaultError::Storage`], [`VaultError::Damaged`].
    pub fn cards(&self) -> Result<Vec<StoredCard>, VaultError> {
        let mut statement = self
            .connection
            .prepare_cached(&format!("SELECT {WHOLE} FROM cards ORDER BY received DESC, number DESC"))?;
        let mut rows = statement.query([])?;
        let mut cards = Vec::new();
        while let Some(row) = rows.next()? {
            cards.push(read_card(row)?);
        }
        Ok(cards)
    }

    /// One page of the list: newest first, or, when something is searched for, best match first. Words
    /// match from their start, in any order, without regard to case and accents, and literally: nothing
    /// is an operator. Blank text finds everything; text without a word in it nothing.
    ///
    /// # Errors
    /// [`VaultError::Storage`], [`VaultError::Damaged`].
    pub fn summaries(&self, query: Option<&str>, page: Page) -> Result<Vec<CardSummary>, VaultError> {
        let typed = query.map(str::trim).filter(|typed| !typed.is_empty());
        let (mut statement, words) = match typed.map(search::query) {
            None => (self.connection.prepare_cached(&listed())?, None),
            Some(None) => return Ok(Vec::new()),
            Some(words) => (
                self.connection.prepare_cached(&format!(
                    // Only the index decides the order, so that no more cards are read than the page holds: each
                    // lies on pages of its own that have to be decrypted. Numbers grow with time.
                    "SELECT {SUMMARY} FROM (
                         SELECT rowid AS hit, bm25(search, 10.0, 5.0, 1.0) AS score FROM search WHERE search MATCH ?3
                         ORDER BY score, rowid DESC LIMIT ?1 OFFSET ?2
                     ) JOIN cards ON cards.number = hit ORDER BY score, hit DESC"
                ))?,
                words,
            ),
        };
        let mut rows = match &words {
            None => statement.query(params![page.limit, page.offset])?,
            Some(words) => statement.query(params![page.limit, page.offset, words])?,
        };
        let mut summaries = Vec::new();
        while let Some(row) = rows.next()? {
            summaries.push(read_summary(row)?);
        }
        Ok(summaries)
    }

    /// The identifiers of the cards that match, best first; see [`Vault::summaries`].
    ///
    /// # Errors
    /// [`VaultError::Storage`], [`VaultError::Damaged`].
    pub fn search(&self, query: &str) -> Result<Vec<CardId>, VaultError> {
        Ok(self.summaries(Some(query), Page::ALL)?.into_iter().map(|summary| summary.id).collect())
    }

    /// How many cards there are.
    ///
    /// # Errors
    /// [`VaultError::Storage`].
    pub fn card_count(&self) -> Result<u32, VaultError> {
        Ok(self.connection.query_row("SELECT count(*) FROM cards", [], |row| row.get(0))?)
    }

    /// One card; `None` when there is none of this identifier.
    ///
    /// # Errors
    /// [`VaultError::Storage`], [`VaultError::Damaged`].
    pub fn card(&self, id: &CardId) -> Result<Option<StoredCard>, VaultError> {
        let mut statement = self.connection.prepare_cached(&format!("SELECT {WHOLE} FROM cards WHERE id = ?1"))?;
        let mut rows = statement.query([id.as_str()])?;
        rows.next()?.map(read_card).transpose()
    }

    /// The same without the report of its check.
    ///
    /// # Errors
    /// [`VaultError::Storage`], [`VaultError::Damaged`].
    pub fn card_alone(&self, id: &CardId) -> Result<Option<Card>, VaultError> {
        let mut statement = self.connection.prepare_cached(&format!("SELECT {ALONE} FROM cards WHERE id = ?1"))?;
        let mut rows = statement.query([id.as_str()])?;
        rows.next()?.map(read_alone).transpose()
    }

    /// The picture of a card, if it has one.
    ///
    /// # Errors
    /// [`VaultError::NoSuchCard`], [`VaultError::Storage`], [`VaultError::Damaged`].
    pub fn picture(&self, id: &CardId) -> Result<Option<Picture>, VaultError> {
        let picture: Option<Option<String>> = self
            .connection
            .prepare_cached("SELECT picture FROM cards WHERE id = ?1")?
            .query_row([id.as_str()], |row| row.get(0))
            .optional()?;
        picture.ok_or(VaultError::NoSuchCard)?.map(|json| from_json(&json, "a picture")).transpose()
    }

    /// The title of a card, without reading the card; `None` when there is none of this identifier.
    ///
    /// # Errors
    /// [`VaultError::Storage`], [`VaultError::Damaged`].
    pub fn title(&self, id: &CardId) -> Result<Option<String>, VaultError> {
        let summary: Option<String> = self
            .connection
            .prepare_cached("SELECT summary FROM cards WHERE id = ?1")?
            .query_row([id.as_str()], |row| row.get(0))
            .optional()?;
        summary.map(|json| from_json::<Fixed>(&json, "a summary").map(|fixed| fixed.title)).transpose()
    }

    /// Replaces what the last check said.
    ///
    /// # Errors
    /// [`VaultError::NoSuchCard`], [`VaultError::Storage`].
    pub fn update_check(
        &mut self,
        id: &CardId,
        status: CardStatus,
        checked: Timestamp,
        report: &Value,
    ) -> Result<(), VaultError> {
        let changed = self.connection.execute(
            "UPDATE cards SET status = ?2, checked = ?3, report = ?4, known_at = ?5 WHERE id = ?1",
            params![id.as_str(), word(&status)?, stamp(checked), to_json(report)?, known_at(report)],
        )?;
        if changed == 0 { Err(VaultError::NoSuchCard) } else { Ok(()) }
    }

    /// Replaces what a card says, where it is fetched anew with each check (a hosted badge). Its copies stay as they came.
    ///
    /// # Errors
    /// [`VaultError::NoSuchCard`], [`VaultError::Storage`].
    pub fn update_facts(&mut self, id: &CardId, facts: &CardFacts) -> Result<(), VaultError> {
        let transaction = self.transaction()?;
        let number = card_number(&transaction, id)?;
        let picture = facts.picture.as_ref().map(to_json).transpose()?;
        let facts_alone = CardFacts { picture: None, ..facts.clone() };
        transaction.execute(
            "UPDATE cards SET summary = ?2, facts = ?3, picture = ?4 WHERE number = ?1",
            params![number, to_json(&Fixed::of(facts))?, to_json(&facts_alone)?, picture],
        )?;
        let words = search::words(facts);
        transaction.execute(
            "UPDATE search SET title = ?2, issuer = ?3, rest = ?4 WHERE rowid = ?1",
            params![number, words.title, words.issuer, words.rest],
        )?;
        Ok(transaction.commit()?)
    }

    /// Throws a card away with its copies, their keys and its words in the search index, and writes the
    /// line of the log. What was deleted is overwritten in the file and gone from its log; what a disk
    /// keeps of sectors that it replaced is beyond a program.
    ///
    /// # Errors
    /// [`VaultError::NoSuchCard`], [`VaultError::Storage`].
    pub fn delete_card(&mut self, id: &CardId, activity: &Activity) -> Result<(), VaultError> {
        let transaction = self.transaction()?;
        remove_card(&transaction, id)?;
        write_activity(&transaction, activity)?;
        transaction.commit()?;
        // The card is gone by now. Should this fail, the next checkpoint, at the latest when the vault
        // closes, does the same; saying that deleting failed would be wrong.
        let _ = empty_log(&self.connection);
        Ok(())
    }

    /// The card with this fingerprint, if there is one.
    ///
    /// # Errors
    /// [`VaultError::Storage`].
    pub fn find_duplicate(&self, fingerprint: &str) -> Result<Option<CardId>, VaultError> {
        let id: Option<String> = self
            .connection
            .prepare_cached("SELECT id FROM cards WHERE fingerprint = ?1")?
            .query_row([fingerprint], |row| row.get(0))
            .optional()?;
        Ok(id.as_deref().map(id_of))
    }
}

/// An identifier from a column; every text is one.
pub(crate) fn id_of<T: std::str::FromStr<Err = std::convert::Infallible>>(text: &str) -> T {
    match text.parse() {
        Ok(id) => id,
        Err(never) => match never {},
    }
}

/// A value as a column.
pub(crate) fn to_json<T: Serialize>(value: &T) -> Result<String, VaultError> {
    serde_json::to_string(value).map_err(|_| VaultError::Internal { what: "a value does not serialise".to_owned() })
}

/// A value from a column.
pub(crate) fn from_json<T: DeserializeOwned>(json: &str, what: &'static str) -> Result<T, VaultError> {
    serde_json::from_str(json).map_err(|_| VaultError::row(what))
}

/// A word of a closed list as a column, without the quotes of JSON.
pub(crate) fn word<T: Serialize>(value: &T) -> Result<String, VaultError> {
    Ok(to_json(value)?.trim_matches('"').to_owned())
}

/// A word of a closed list from a column.
pub(crate) fn from_word<T: DeserializeOwned>(word: String, what: &'static str) -> Result<T, VaultError> {
    serde_json::from_value(Value::String(word)).map_err(|_| VaultError::row(what))
}

pub(crate) fn card_number(connection: &Connection, id: &CardId) -> Result<i64, VaultError> {
    connection
        .prepare_cached("SELECT number FROM cards WHERE id = ?1")?
        .query_row([id.as_str()], |row| row.get(0))
        .optional()?
        .ok_or(VaultError::NoSuchCard)
}

pub(crate) fn write_all(transaction: &Transaction<'_>, new: &NewCard, sealed: &[Vec<u8>]) -> Result<(), VaultError> {
    let number = write_card(transaction, new)?;
    write_copies(transaction, number, &new.copies, &new.keys, sealed)?;
    if let Some(activity) = &new.activity {
        write_activity(transaction, activity)?;
    }
    Ok(())
}

pub(crate) fn remove_card(transaction: &Transaction<'_>, id: &CardId) -> Result<(), VaultError> {
    let number = card_number(transaction, id)?;
    let keys: Vec<String> = transaction
        .prepare_cached("SELECT DISTINCT key FROM copies WHERE card = ?1 AND key IS NOT NULL")?
        .query_map([number], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    transaction.execute("DELETE FROM search WHERE rowid = ?1", [number])?;
    transaction.execute("DELETE FROM cards WHERE number = ?1", [number])?;
    for key in keys {
        transaction.execute(
            "DELETE FROM keys WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM copies WHERE copies.key = ?1)",
            [key],
        )?;
    }
    Ok(())
}

fn write_card(transaction: &Transaction<'_>, new: &NewCard) -> Result<i64, VaultError> {
    let Card { id, facts, status, checked, received, copies: _ } = &new.card;
    let fixed = Fixed::of(facts);
    // Apart, since it is by far the largest and lists come without it.
    let picture = facts.picture.as_ref().map(to_json).transpose()?;
    let facts_alone = CardFacts { picture: None, ..facts.clone() };
    let copies = new.copies.iter().filter(|copy| copy.key.is_some()).count();
    let copies = u32::try_from(copies).map_err(|_| VaultError::Conflict)?;
    transaction
        .prepare_cached(
            "INSERT INTO cards (id, fingerprint, received, status, checked, copies, summary, report, facts, picture, known_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        )?
        .execute(params![
            id.as_str(),
            new.fingerprint,
            stamp(*received),
            word(status)?,
            stamp(*checked),
            copies,
            to_json(&fixed)?,
            to_json(&new.report)?,
            to_json(&facts_alone)?,
            picture,
            known_at(&new.report)
        ])?;
    let number = transaction.last_insert_rowid();
    let words = search::words(facts);
    transaction
        .prepare_cached("INSERT INTO search (rowid, title, issuer, rest) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![number, words.title, words.issuer, words.rest])?;
    Ok(number)
}

fn read_card(row: &Row<'_>) -> Result<StoredCard, VaultError> {
    let card = read_alone(row)?;
    Ok(StoredCard { card, report: from_json(&row.get::<_, String>(7)?, "a report")?, fingerprint: row.get(8)? })
}

fn read_alone(row: &Row<'_>) -> Result<Card, VaultError> {
    let mut facts: CardFacts = from_json(row.get_ref(5)?.as_str().map_err(|_| VaultError::row("facts"))?, "facts")?;
    let picture: Option<String> = row.get(6)?;
    facts.picture = picture.map(|json| from_json(&json, "a picture")).transpose()?;
    Ok(Card {
        id: id_of(&row.get::<_, String>(0)?),
        facts,
        status: from_word(row.get(2)?, "a status")?,
        checked: instant(&row.get::<_, String>(3)?)?,
        received: instant(&row.get::<_, String>(1)?)?,
        copies: row.get(4)?,
    })
}

/// The cards in the order of the list, from the index `cards_listed` alone.
fn listed() -> String {
    format!("SELECT {SUMMARY} FROM cards ORDER BY received DESC, number DESC LIMIT ?1 OFFSET ?2")
}

/// When the status was last known, as the report on a card says it of the check of that name; lists are made without
/// reading reports.
fn known_at(report: &Value) -> Option<String> {
    let checks = report.get("checks")?.as_array()?;
    let status = checks.iter().find(|check| check.get("name").and_then(Value::as_str) == Some("status"))?;
    let at: Timestamp = status.get("known_at")?.as_str()?.parse().ok()?;
    Some(stamp(at))
}

fn read_summary(row: &Row<'_>) -> Result<CardSummary, VaultError> {
    let Fixed { title, issuer, format, types, issued, valid_from, expires, credit, level } =
        from_json(&row.get::<_, String>(5)?, "a summary")?;
    Ok(CardSummary {
        id: id_of(&row.get::<_, String>(0)?),
        title,
        issuer,
        format,
        types,
        status: from_word(row.get(2)?, "a status")?,
        checked: instant(&row.get::<_, String>(3)?)?,
        received: instant(&row.get::<_, String>(1)?)?,
        issued,
        valid_from,
        expires,
        credit,
        level,
        copies: row.get(4)?,
        has_picture: row.get(6)?,
        known_at: row.get::<_, Option<String>>(7)?.map(|at| instant(&at)).transpose()?,
    })
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::listed;

    #[test]
    fn a_list_reads_no_page_of_a_card() {
        let mut connection = Connection::open_in_memory().unwrap();
        crate::migrations::run(&mut connection).unwrap();
        let plan: String = connection
            .prepare(&format!("EXPLAIN QUERY PLAN {}", listed()))
            .unwrap()
            .query_row([10, 0], |row| row.get("detail"))
            .unwrap();
        assert_eq!(plan, "SCAN cards USING COVERING INDEX cards_listed");
    }
}
