//! One rule of a standard, and where the project stands with it.

/// How strongly the standard asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    /// It must be so.
    Must,
    /// It should be so.
    Should,
}

/// Where the project stands with a rule.
#[derive(Debug, Clone, Copy)]
pub enum State {
    /// It holds, and these tests show it: names of Rust tests, or titles of tests for Node.
    Done(&'static [&'static str]),
    /// It is left out on purpose, for this reason. Tests may show what happens instead.
    Refused(&'static str, &'static [&'static str]),
    /// It does not hold yet; this is missing.
    #[allow(dead_code, reason = "only as long as no rule is open")]
    Open(&'static str),
}

/// A rule.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// The section of the standard, where the part's title does not say it.
    pub section: &'static str,
    /// How strongly it is asked.
    pub asks: Asks,
    /// What is asked, in our words.
    pub rule: &'static str,
    /// Where the project stands.
    pub state: State,
    /// The items of the checklists that it answers, by number.
    pub items: &'static [&'static str],
}

/// A standard, or a role in it.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    /// What its rules are numbered with.
    pub id: &'static str,
    /// The standard and the role.
    pub title: &'static str,
    /// Its rules, in order; a new one goes to the end, so that the numbers stay.
    pub rows: &'static [Row],
}

impl Row {
    /// The tests that the row names.
    pub fn tests(&self) -> &'static [&'static str] {
        match self.state {
            State::Done(tests) | State::Refused(_, tests) => tests,
            State::Open(_) => &[],
        }
    }
}

/// A rule that must hold, and holds.
pub const fn must(section: &'static str, rule: &'static str, tests: &'static [&'static str]) -> Row {
    Row { section, asks: Asks::Must, rule, state: State::Done(tests), items: &[] }
}

/// A rule that should hold, and holds.
pub const fn should(section: &'static str, rule: &'static str, tests: &'static [&'static str]) -> Row {
    Row { section, asks: Asks::Should, rule, state: State::Done(tests), items: &[] }
}

/// The same rule, not there yet.
impl Row {
    /// Says which items of the checklists it answers.
    pub const fn item(self, items: &'static [&'static str]) -> Self {
        Self { items, ..self }
    }

    /// Says what is missing.
    #[allow(dead_code, reason = "only as long as no rule is open")]
    pub const fn open(self, missing: &'static str) -> Self {
        Self { state: State::Open(missing), ..self }
    }

    /// Says why it is left out; the tests of the row show what happens instead.
    pub const fn refused(self, why: &'static str) -> Self {
        let tests: &'static [&'static str] = match self.state {
            State::Done(tests) | State::Refused(_, tests) => tests,
            State::Open(_) => &[],
        };
        Self { state: State::Refused(why, tests), ..self }
    }
}
