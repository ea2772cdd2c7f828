//! Active contexts, worked out once and kept.
//!
//! Every document of one kind walks through the same few contexts: those it names, then that of each type and
//! property. Each step from one active context by one local context always leads to the same place, for the files are
//! fixed; so the steps form a graph, of which each part is worked out when a document first gets there.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, PoisonError, RwLock},
};

use super::{
    JsonLdError,
    local::{Body, Container, Definition, LocalContext, WrittenId, invalid, next_id},
};

/// What the words of a document mean at one place in it (JSON-LD 1.1 API, section 4.1).
#[derive(Debug, Clone)]
pub(super) struct ActiveContext {
    id: u64,
    terms: HashMap<Arc<str>, Arc<Term>>,
    vocab: Option<Arc<str>>,
    /// What holds again inside the next node: a type-scoped context reaches no further than its node.
    pub(super) previous: Option<Arc<ActiveContext>>,
}

/// A term definition, worked out (JSON-LD 1.1 API, section 4.1, "term definition").
#[derive(Debug)]
pub(super) struct Term {
    pub(super) mapping: Mapping,
    pub(super) coercion: Coercion,
    pub(super) container: Container,
    pub(super) scoped: Option<Arc<LocalContext>>,
    prefix: bool,
    protected: bool,
}

/// What a term or a text stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Mapping {
    /// Nothing, on purpose.
    Null,
    Id,
    Type,
    /// An absolute IRI, checked.
    Iri(Arc<str>),
}

/// What the values of a term are turned into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Coercion {
    None,
    /// Text is the IRI of a node.
    Id,
    /// Text is a term or the IRI of a node.
    Vocab,
    /// Any value is a JSON literal.
    Json,
    /// A literal of this datatype.
    Datatype(Arc<str>),
}

/// What a name or text of a document expands to (JSON-LD 1.1 API, section 5.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Expanded<'a> {
    /// A term or text that stands for nothing.
    Null,
    Keyword(&'a str),
    /// From a context, and so checked.
    Known(Arc<str>),
    /// Put together from the document, still to be checked.
    Text(String),
    /// The label of a blank node.
    Blank(&'a str),
}

/// Which rules a step follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Step {
    /// A context that the document names.
    Named,
    /// The context of a property, which may define protected terms anew.
    Property,
    /// The context of a type, which ends with its node.
    Type,
}

/// The steps that were worked out.
#[derive(Debug)]
pub(super) struct Graph {
    root: Arc<ActiveContext>,
    steps: RwLock<HashMap<(u64, u64, Step), Arc<ActiveContext>>>,
}

/// How many steps are kept; the known contexts, in the orders that occur, have some hundreds. A document can name
/// contexts in odd orders, and must not fill the memory with them.
const STEPS: usize = 4_096;

impl Graph {
    pub(super) fn new() -> Self {
        let root = ActiveContext { id: next_id(), terms: HashMap::new(), vocab: None, previous: None };
        Self { root: Arc::new(root), steps: RwLock::default() }
    }

    /// Where no context was named yet.
    pub(super) fn root(&self) -> &Arc<ActiveContext> {
        &self.root
    }

    /// The active context after one more local context.
    ///
    /// # Errors
    /// When a protected term would change its meaning, or a definition is invalid.
    pub(super) fn step(
        &self,
        from: &Arc<ActiveContext>,
        local: &LocalContext,
        step: Step,
    ) -> Result<Arc<ActiveContext>, JsonLdError> {
        let key = (from.id, local.id, step);
        if let Some(known) = self.steps.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(Arc::clone(known));
        }
        let reached = Arc::new(process(from, local, step)?);
        let mut steps = self.steps.write().unwrap_or_else(PoisonError::into_inner);
        if steps.len() >= STEPS {
            steps.clear();
        }
        // Who came first wins, so that the same place has one number.
        Ok(Arc::clone(steps.entry(key).or_insert(reached)))
    }
}

impl ActiveContext {
    pub(super) fn term(&self, name: &str) -> Option<&Arc<Term>> {
        self.terms.get(name)
    }

    /// Expands the name of a member, or with `vocab` off an identifier (JSON-LD 1.1 API, section 5.2.2). There is no
    /// base address, so nothing relative becomes absolute.
    pub(super) fn expand<'a>(&self, text: &'a str, vocab: bool) -> Expanded<'a> {
        if text.starts_with('@') {
            if is_keyword(text) {
                return Expanded::Keyword(text);
            }
            if text.len() > 1 && text.bytes().skip(1).all(|byte| byte.is_ascii_alphabetic()) {
                return Expanded::Null;
            }
        }
        if let Some(term) = self.terms.get(text) {
            match &term.mapping {
                Mapping::Id => return Expanded::Keyword("@id"),
                Mapping::Type => return Expanded::Keyword("@type"),
                Mapping::Iri(iri) if vocab => return Expanded::Known(Arc::clone(iri)),
                Mapping::Null if vocab => return Expanded::Null,
                _ => {}
            }
        }
        if let Some((prefix, rest)) = text.split_once(':')
            && !prefix.is_empty()
        {
            if prefix == "_" {
                return Expanded::Blank(rest);
            }
            if !rest.starts_with("//")
                && let Some(term) = self.terms.get(prefix)
                && term.prefix
                && let Mapping::Iri(iri) = &term.mapping
            {
                return Expanded::Text(format!("{iri}{rest}"));
            }
            if is_iri(text) {
                return Expanded::Text(text.to_owned());
            }
        }
        match &self.vocab {
            Some(mapping) if vocab => Expanded::Text(format!("{mapping}{text}")),
            _ => Expanded::Text(text.to_owned()),
        }
    }

    fn has_protected(&self) -> bool {
        self.terms.values().any(|term| term.protected)
    }
}

impl Term {
    /// Whether two definitions are the same but for their protection (JSON-LD 1.1 API, section 4.2.2, step 25).
    fn same(&self, other: &Self) -> bool {
        let parts = |term: &Self| (term.container, term.prefix);
        self.mapping == other.mapping
            && self.coercion == other.coercion
            && parts(self) == parts(other)
            && self.scoped == other.scoped
    }
}

/// Whether a text is an absolute IRI, by both libraries that have a say in it.
pub(super) fn is_iri(text: &str) -> bool {
    ssi::json_ld::Iri::new(text).is_ok() && oxrdf::NamedNode::new(text).is_ok()
}

fn is_keyword(text: &str) -> bool {
    [
        "@id",
        "@type",
        "@value",
        "@context",
        "@list",
        "@set",
        "@language",
        "@direction",
        "@graph",
        "@included",
        "@index",
        "@json",
        "@nest",
        "@none",
        "@prefix",
        "@propagate",
        "@protected",
        "@reverse",
        "@version",
        "@vocab",
        "@base",
        "@container",
        "@import",
        "@default",
        "@embed",
        "@always",
        "@once",
        "@never",
        "@explicit",
        "@omitDefault",
        "@requireAll",
        "@preserve",
        "@null",
        "@first",
    ]
    .contains(&text)
}

/// JSON-LD 1.1 API, section 4.1.2.
fn process(from: &Arc<ActiveContext>, local: &LocalContext, step: Step) -> Result<ActiveContext, JsonLdError> {
    let mut result = ActiveContext { id: next_id(), ..(**from).clone() };
    let ends_with_node = step == Step::Type;
    if ends_with_node && result.previous.is_none() {
        result.previous = Some(Arc::clone(from));
    }
    match &local.body {
        Body::Null => {
            if step != Step::Property && from.has_protected() {
                return Err(invalid("invalid context nullification"));
            }
            let previous = ends_with_node.then(|| Arc::clone(from));
            Ok(ActiveContext { id: result.id, terms: HashMap::new(), vocab: None, previous })
        }
        Body::Terms { vocab, terms } => {
            if let Some(vocab) = vocab {
                result.vocab = vocab.as_deref().map(|text| expand_vocab(&result, text)).transpose()?;
            }
            let mut making = Making { terms, result, step, done: HashSet::new(), pending: HashSet::new() };
            for (name, _) in terms {
                making.define(name)?;
            }
            Ok(making.result)
        }
    }
}

fn expand_vocab(context: &ActiveContext, text: &str) -> Result<Arc<str>, JsonLdError> {
    match context.expand(text, true) {
        Expanded::Known(iri) => Ok(iri),
        Expanded::Text(iri) if is_iri(&iri) => Ok(iri.into()),
        _ => Err(invalid("invalid vocab mapping")),
    }
}

/// Defining the terms of one local context, which may lean on each other.
struct Making<'l> {
    terms: &'l [(Arc<str>, Definition)],
    result: ActiveContext,
    step: Step,
    done: HashSet<&'l str>,
    pending: HashSet<&'l str>,
}

impl<'l> Making<'l> {
    /// Defines a term if this context does (JSON-LD 1.1 API, section 4.2.2).
    fn define(&mut self, name: &str) -> Result<(), JsonLdError> {
        if self.done.contains(name) {
            return Ok(());
        }
        let terms = self.terms;
        let Some((name, written)) = terms.iter().find(|(term, _)| &**term == name) else { return Ok(()) };
        if !self.pending.insert(name) {
            return Err(invalid("cyclic IRI mapping"));
        }
        let earlier = self.result.terms.remove(name);
        let coercion = match written.coercion.as_deref() {
            None => Coercion::None,
            Some("@id") => Coercion::Id,
            Some("@vocab") => Coercion::Vocab,
            Some("@json") => Coercion::Json,
            Some(text) => match self.expand(text)? {
                Mapping::Iri(iri) => Coercion::Datatype(iri),
                _ => return Err(invalid("invalid type mapping")),
            },
        };
        let mapping = match &written.id {
            WrittenId::Null => Mapping::Null,
            WrittenId::Text(text) => self.expand(text)?,
            WrittenId::Absent => match &self.result.vocab {
                Some(vocab) => Mapping::Iri(checked(format!("{vocab}{name}"))?),
                None => return Err(invalid("invalid IRI mapping")),
            },
        };
        let prefix = written.simple
            && written.id != WrittenId::Absent
            && matches!(&mapping, Mapping::Iri(iri) if iri.ends_with([':', '/', '?', '#', '[', ']', '@']));
        let term = Term {
            mapping,
            coercion,
            container: written.container,
            scoped: written.scoped.clone(),
            prefix,
            protected: written.protected,
        };
        let term = match earlier {
            Some(earlier) if earlier.protected && self.step != Step::Property => {
                if !earlier.same(&term) {
                    return Err(invalid("protected term redefinition"));
                }
                earlier
            }
            _ => Arc::new(term),
        };
        self.result.terms.insert(Arc::clone(name), term);
        self.pending.remove(&**name);
        self.done.insert(name);
        Ok(())
    }

    fn expand(&mut self, text: &'l str) -> Result<Mapping, JsonLdError> {
        self.define(text)?;
        if let Some((prefix, rest)) = text.split_once(':')
            && !rest.starts_with("//")
        {
            self.define(prefix)?;
        }
        match self.result.expand(text, true) {
            Expanded::Keyword("@id") => Ok(Mapping::Id),
            Expanded::Keyword("@type") => Ok(Mapping::Type),
            Expanded::Known(iri) => Ok(Mapping::Iri(iri)),
            Expanded::Text(iri) => Ok(Mapping::Iri(checked(iri)?)),
            _ => Err(invalid("invalid IRI mapping")),
        }
    }
}

fn checked(iri: String) -> Result<Arc<str>, JsonLdError> {
    if is_iri(&iri) { Ok(iri.into()) } else { Err(invalid("invalid IRI mapping")) }
}
