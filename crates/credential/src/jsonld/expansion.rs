//! From a document to its quads, with every loss an error.
//!
//! Expansion (JSON-LD 1.1 API, section 5.1) and the step to RDF (section 8.1) in one walk: a member of the document
//! becomes its quads where it stands. Where the algorithms drop what they cannot keep, this one stops.

mod terms;

use std::{collections::HashMap, sync::Arc};

use leerpas_core::limits;
use oxrdf::{BlankNode, GraphName, Literal, NamedNode, NamedOrBlankNode, Quad, Term as RdfTerm, vocab::rdf};
use serde_json::{Map, Value};

use super::{
    Contexts, JsonLdError,
    active::{ActiveContext, Coercion, Expanded, Step, Term, is_iri},
    cut,
    literal::json_literal,
    local::Container,
};

const RDF_JSON: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#JSON";

/// The quads of a document whose contexts were checked.
pub(super) fn quads(document: &Value, contexts: &Contexts) -> Result<Vec<Quad>, JsonLdError> {
    let mut walk = Walk::new(contexts);
    walk.document(document)?;
    Ok(walk.quads)
}

/// The same with where in the document each quad comes from.
pub(super) fn traced_quads(document: &Value, contexts: &Contexts) -> Result<Vec<Traced>, JsonLdError> {
    let mut walk = Walk::new(contexts);
    walk.trace = Some(Trace::default());
    walk.document(document)?;
    let origins = walk.trace.map(|trace| trace.origins).unwrap_or_default();
    Ok(walk.quads.into_iter().zip(origins).map(|(quad, origin)| Traced { quad, origin }).collect())
}

/// A quad with its place in the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Traced {
    /// What is said.
    pub(crate) quad: Quad,
    /// Where it is said.
    pub(crate) origin: Origin,
}

/// Where a quad comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Origin {
    /// The names and positions from the top to the value; for a type, to the object that has it.
    pub(crate) path: Vec<String>,
    /// Whether what lies below cannot be said apart: a literal, or a list, whose cells hang together.
    pub(crate) whole: bool,
}

/// Where the walk is, for whoever wants to know it; the others do not pay for it.
#[derive(Default)]
struct Trace {
    path: Vec<String>,
    origins: Vec<Origin>,
}

/// The types of the top-level node.
pub(super) fn types(document: &Value, contexts: &Contexts) -> Result<Vec<String>, JsonLdError> {
    let Some(members) = document.as_object() else {
        return Err(JsonLdError::DataLoss { term: "the document".to_owned() });
    };
    let mut walk = Walk::new(contexts);
    let active = walk.named_contexts(members, contexts.root())?;
    let mut types = Vec::new();
    for (name, value) in members {
        if active.expand(name, true) == Expanded::Keyword("@type") {
            for text in as_slice(value) {
                let text = text.as_str().ok_or_else(|| invalid("invalid type value"))?;
                match walk.type_iri(text, &active)? {
                    NamedOrBlankNode::NamedNode(iri) => types.push(iri.into_string()),
                    NamedOrBlankNode::BlankNode(_) => return Err(JsonLdError::RelativeIri { iri: cut(text) }),
                }
            }
        }
    }
    Ok(types)
}

/// What is in force at one object: for its members, and for its types, which its own types do not change.
struct Place {
    active: Arc<ActiveContext>,
    type_scoped: Arc<ActiveContext>,
}

/// What an object is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Node,
    Value,
    List,
    Set,
}

/// A value, once its own quads are written.
struct Item {
    term: RdfTerm,
    is_list: bool,
    origin: Option<Origin>,
}

/// A property with its name and definition where it stands.
#[derive(Clone, Copy)]
struct Property<'a> {
    name: &'a str,
    term: Option<&'a Term>,
}

struct Walk<'c> {
    contexts: &'c Contexts,
    quads: Vec<Quad>,
    blank_nodes: usize,
    /// The labels that the document itself gives, each with our number.
    labels: HashMap<String, BlankNode>,
    trace: Option<Trace>,
}

impl<'c> Walk<'c> {
    fn new(contexts: &'c Contexts) -> Self {
        Self { contexts, quads: Vec::new(), blank_nodes: 0, labels: HashMap::new(), trace: None }
    }

    fn document(&mut self, document: &Value) -> Result<(), JsonLdError> {
        let lost = || JsonLdError::DataLoss { term: "the document".to_owned() };
        let members = document.as_object().ok_or_else(lost)?;
        let place = self.place(members, self.contexts.root(), None)?;
        if form(members) != Form::Node {
            return Err(lost());
        }
        self.node(members, &place, &GraphName::DefaultGraph, "the document")?;
        // A node that says nothing but its name has no quads (section 5.1.2, step 19).
        if self.quads.is_empty() { Err(lost()) } else { Ok(()) }
    }

    /// One step down in the document; [`Walk::leave`] goes back.
    fn enter(&mut self, name: impl FnOnce() -> String) {
        if let Some(trace) = &mut self.trace {
            trace.path.push(name());
        }
    }

    fn leave(&mut self) {
        if let Some(trace) = &mut self.trace {
            trace.path.pop();
        }
    }

    fn here(&self, whole: bool) -> Option<Origin> {
        self.trace.as_ref().map(|trace| Origin { path: trace.path.clone(), whole })
    }

    fn item(&self, term: RdfTerm, is_list: bool) -> Item {
        let origin = self.here(is_list || matches!(term, RdfTerm::Literal(_)));
        Item { term, is_list, origin }
    }
    /// The contexts of an object (section 5.1.2, steps 7 to 11).
    fn place(
        &self,
        members: &Map<String, Value>,
        around: &Arc<ActiveContext>,
        property: Option<Property<'_>>,
    ) -> Result<Place, JsonLdError> {
        let mut active = Arc::clone(around);
        if let Some(previous) = &around.previous {
            let is = |name: &str, keyword: &str| around.expand(name, true) == Expanded::Keyword(keyword);
            let only_id = members.len() == 1 && members.keys().all(|name| is(name, "@id"));
            if !only_id && !members.keys().any(|name| is(name, "@value")) {
                active = Arc::clone(previous);
            }
        }
        if let Some(scoped) = property.and_then(|property| property.term?.scoped.as_ref()) {
            active = self.contexts.step(&active, scoped, Step::Property)?;
        }
        let type_scoped = self.named_contexts(members, &active)?;
        let mut active = Arc::clone(&type_scoped);
        let mut names: Vec<&String> =
            members.keys().filter(|name| type_scoped.expand(name, true) == Expanded::Keyword("@type")).collect();
        names.sort_unstable();
        for name in names {
            let Some(value) = members.get(name) else { continue };
            let mut types: Vec<&str> = as_slice(value).iter().filter_map(Value::as_str).collect();
            types.sort_unstable();
            for name in types {
                if let Some(scoped) = type_scoped.term(name).and_then(|term| term.scoped.as_ref()) {
                    active = self.contexts.step(&active, scoped, Step::Type)?;
                }
            }
        }
        Ok(Place { active, type_scoped })
    }

    /// After the contexts that an object names. That they are known was checked before.
    fn named_contexts(
        &self,
        members: &Map<String, Value>,
        around: &Arc<ActiveContext>,
    ) -> Result<Arc<ActiveContext>, JsonLdError> {
        let mut active = Arc::clone(around);
        for url in members.get("@context").map_or(&[][..], as_slice) {
            let url = url.as_str().ok_or(JsonLdError::InlineContext)?;
            active = self.contexts.named(&active, url)?;
        }
        Ok(active)
    }

    /// Writes a node, and says what it is called.
    fn node(
        &mut self,
        members: &Map<String, Value>,
        place: &Place,
        graph: &GraphName,
        around: &str,
    ) -> Result<NamedOrBlankNode, JsonLdError> {
        let active = &place.active;
        let subject = self.subject(members, active)?;
        for (name, value) in members {
            match active.expand(name, true) {
                Expanded::Keyword("@id" | "@context") => {}
                Expanded::Keyword("@type") => {
                    for text in as_slice(value) {
                        let text = text.as_str().ok_or_else(|| invalid("invalid type value"))?;
                        let class = self.type_iri(text, &place.type_scoped)?;
                        let here = self.here(false);
                        self.push(&subject, rdf::TYPE.into_owned(), class.into(), graph, here)?;
                    }
                }
                // They belong to a text, and there is none here.
                Expanded::Keyword("@language" | "@direction") => {
                    return Err(JsonLdError::DataLoss { term: cut(around) });
                }
                Expanded::Keyword(keyword) => return Err(JsonLdError::Keyword { keyword: cut(keyword) }),
                Expanded::Known(iri) => {
                    let property = Property { name, term: active.term(name).map(AsRef::as_ref) };
                    self.enter(|| name.clone());
                    self.property(&subject, NamedNode::new_unchecked(&*iri), property, value, active, graph)?;
                    self.leave();
                }
                Expanded::Text(iri) if is_iri(&iri) => {
                    let property = Property { name, term: active.term(name).map(AsRef::as_ref) };
                    self.enter(|| name.clone());
                    self.property(&subject, NamedNode::new_unchecked(iri), property, value, active, graph)?;
                    self.leave();
                }
                Expanded::Text(_) | Expanded::Null | Expanded::Blank(_) => {
                    return Err(JsonLdError::UndefinedTerm { term: cut(name) });
                }
            }
        }
        Ok(subject)
    }

    fn subject(
        &mut self,
        members: &Map<String, Value>,
        active: &ActiveContext,
    ) -> Result<NamedOrBlankNode, JsonLdError> {
        let mut subject = None;
        for (name, value) in members {
            if active.expand(name, true) == Expanded::Keyword("@id") {
                if subject.is_some() {
                    return Err(invalid("colliding keywords"));
                }
                let text = value.as_str().ok_or_else(|| invalid("invalid @id value"))?;
                subject = Some(self.node_id(text, active, false)?);
            }
        }
        Ok(match subject {
            Some(subject) => subject,
            None => self.blank_node().into(),
        })
    }

    /// The values of one property (section 5.1.2, step 13.5 on).
    fn property(
        &mut self,
        subject: &NamedOrBlankNode,
        predicate: NamedNode,
        property: Property<'_>,
        value: &Value,
        active: &Arc<ActiveContext>,
        graph: &GraphName,
    ) -> Result<(), JsonLdError> {
        if property.term.is_some_and(|term| term.coercion == Coercion::Json) {
            let literal = json_literal(value, property.name)?;
            let literal = Literal::new_typed_literal(literal, NamedNode::new_unchecked(RDF_JSON));
            let here = self.here(true);
            return self.push(subject, predicate, literal.into(), graph, here);
        }
        match property.term.map_or(Container::Plain, |term| term.container) {
            Container::Plain => {
                for item in self.items(value, active, property, graph)? {
                    self.push(subject, predicate.clone(), item.term, graph, item.origin)?;
                }
            }
            Container::List => {
                let mut items = self.items(value, active, property, graph)?;
                let list = match items.pop() {
                    None => return Err(property.lost()),
                    Some(item) if item.is_list && items.is_empty() => item.term,
                    Some(item) => {
                        items.push(item);
                        self.list(items, graph)?
                    }
                };
                let here = self.here(true);
                self.push(subject, predicate, list, graph, here)?;
            }
            Container::Graph => self.graphs(subject, &predicate, property, value, active, graph)?,
        }
        Ok(())
    }

    /// Each value in a graph of its own (section 5.1.2, step 13.12).
    fn graphs(
        &mut self,
        subject: &NamedOrBlankNode,
        predicate: &NamedNode,
        property: Property<'_>,
        value: &Value,
        active: &Arc<ActiveContext>,
        graph: &GraphName,
    ) -> Result<(), JsonLdError> {
        for (index, one) in as_slice(value).iter().enumerate() {
            if value.is_array() {
                self.enter(|| index.to_string());
            }
            let name = self.blank_node();
            let items = self.items(one, active, property, &name.clone().into())?;
            // What is no node would be alone in its graph, and has no quad (section 8.1).
            if items.iter().any(|item| item.is_list || matches!(item.term, RdfTerm::Literal(_))) || items.len() > 1 {
                return Err(property.lost());
            }
            if !items.is_empty() {
                let here = self.here(false);
                self.push(subject, predicate.clone(), name.into(), graph, here)?;
            }
            if value.is_array() {
                self.leave();
            }
        }
        Ok(())
    }

    /// Writes a value and gives what stands for it: nothing, one term, or several (section 5.1.2).
    fn items(
        &mut self,
        value: &Value,
        active: &Arc<ActiveContext>,
        property: Property<'_>,
        graph: &GraphName,
    ) -> Result<Vec<Item>, JsonLdError> {
        match value {
            Value::Null => Ok(Vec::new()),
            Value::Array(values) => {
                let mut items = Vec::with_capacity(values.len());
                for (index, value) in values.iter().enumerate() {
                    self.enter(|| index.to_string());
                    items.append(&mut self.items(value, active, property, graph)?);
                    self.leave();
                }
                if property.term.is_some_and(|term| term.container == Container::List) {
                    let list = self.list(items, graph)?;
                    items = vec![self.item(list, true)];
                }
                Ok(items)
            }
            Value::Object(members) => self.object(members, active, property, graph),
            scalar => {
                let scoped = property.term.and_then(|term| term.scoped.as_ref());
                let term = match scoped {
                    None => self.scalar(scalar, active, property)?,
                    Some(scoped) => {
                        // Protected terms stay protected here: step 4.2 says nothing else, unlike step 8.
                        let active = self.contexts.step(active, scoped, Step::Named)?;
                        self.scalar(scalar, &active, property.within(&active))?
                    }
                };
                Ok(vec![self.item(term, false)])
            }
        }
    }

    fn object(
        &mut self,
        members: &Map<String, Value>,
        around: &Arc<ActiveContext>,
        property: Property<'_>,
        graph: &GraphName,
    ) -> Result<Vec<Item>, JsonLdError> {
        let place = self.place(members, around, Some(property))?;
        let inner = |keyword: &str| {
            let alone = members.len() == 1;
            members.get(keyword).filter(|_| alone).ok_or_else(|| invalid("invalid set or list object"))
        };
        match form(members) {
            Form::Node => {
                let node = self.node(members, &place, graph, property.name)?;
                Ok(vec![self.item(node.into(), false)])
            }
            Form::Value => {
                let term = self.value_object(members, &place, property)?;
                Ok(term.into_iter().map(|term| Item { origin: self.here(true), ..self.item(term, false) }).collect())
            }
            Form::Set => {
                let inner = inner("@set")?;
                self.enter(|| "@set".to_owned());
                let items = self.items(inner, &place.active, property.within(&place.active), graph)?;
                self.leave();
                Ok(items)
            }
            Form::List => {
                let property = property.within(&place.active);
                let mut items = Vec::new();
                for value in as_slice(inner("@list")?) {
                    items.append(&mut self.items(value, &place.active, property, graph)?);
                }
                let list = self.list(items, graph)?;
                Ok(vec![self.item(list, true)])
            }
        }
    }

    /// `rdf:first` and `rdf:rest` down to `rdf:nil` (section 8.5).
    fn list(&mut self, items: Vec<Item>, graph: &GraphName) -> Result<RdfTerm, JsonLdError> {
        let mut rest: RdfTerm = rdf::NIL.into_owned().into();
        for item in items.into_iter().rev() {
            let node: NamedOrBlankNode = self.blank_node().into();
            let here = self.here(true);
            self.push(&node, rdf::FIRST.into_owned(), item.term, graph, here.clone())?;
            self.push(&node, rdf::REST.into_owned(), rest, graph, here)?;
            rest = node.into();
        }
        Ok(rest)
    }

    fn push(
        &mut self,
        subject: &NamedOrBlankNode,
        predicate: NamedNode,
        object: RdfTerm,
        graph: &GraphName,
        origin: Option<Origin>,
    ) -> Result<(), JsonLdError> {
        if self.quads.len() >= limits::QUADS {
            return Err(JsonLdError::TooLarge);
        }
        if let (Some(trace), Some(origin)) = (&mut self.trace, origin) {
            trace.origins.push(origin);
        }
        self.quads.push(Quad::new(subject.clone(), predicate, object, graph.clone()));
        Ok(())
    }
}

/// Which keywords an object has. They have no alias in any context that is understood here.
fn form(members: &Map<String, Value>) -> Form {
    if members.contains_key("@list") {
        Form::List
    } else if members.contains_key("@set") {
        Form::Set
    } else if members.contains_key("@value") {
        Form::Value
    } else {
        Form::Node
    }
}

impl<'a> Property<'a> {
    /// The same name as another context defines it.
    fn within<'b>(self, active: &'b ActiveContext) -> Property<'b>
    where
        'a: 'b,
    {
        Property { name: self.name, term: active.term(self.name).map(AsRef::as_ref) }
    }

    fn lost(self) -> JsonLdError {
        JsonLdError::DataLoss { term: cut(self.name) }
    }
}

fn as_slice(value: &Value) -> &[Value] {
    match value {
        Value::Array(values) => values,
        value => std::slice::from_ref(value),
    }
}

fn invalid(code: &str) -> JsonLdError {
    JsonLdError::Processing { reason: code.to_owned() }
}
