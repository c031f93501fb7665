//! What a document asks for, counted once for all requests that bring it.

use std::collections::HashMap;

use async_graphql::{
    Name, Positioned,
    parser::types::{Directive, ExecutableDocument, Field, FragmentDefinition, Selection, SelectionSet},
};

use crate::limits::{Exceeded, Limit};

/// Why a document is not taken.
#[derive(Debug)]
pub enum Refused {
    /// It exceeds a limit.
    Limit(Exceeded),
    /// A fragment spreads itself.
    Circular,
}

impl From<Exceeded> for Refused {
    fn from(exceeded: Exceeded) -> Self {
        Self::Limit(exceeded)
    }
}

/// What a document was found to hold, beside itself.
#[derive(Debug, Default)]
pub struct Measured {
    /// How many fields `__typename` each fragment brings to the object that it is spread on.
    typenames: HashMap<Name, usize>,
    /// Whether there are any.
    pub names_types: bool,
    /// Whether the schema itself is asked for.
    pub introspects: bool,
}

impl Measured {
    /// Measures a document.
    ///
    /// # Errors
    /// The first limit that it exceeds, or that a fragment spreads itself.
    pub fn new(document: &ExecutableDocument) -> Result<Self, Refused> {
        Limit::Fragments.check(document.fragments.len())?;
        let mut counter = Counter {
            fragments: &document.fragments,
            counted: HashMap::new(),
            circular: false,
            too_deep: 0,
            names_types: false,
            introspects: false,
        };
        // Fragments that no operation spreads are walked through too.
        for name in document.fragments.keys() {
            counter.of_fragment(name, 0);
        }
        for (_, operation) in document.operations.iter() {
            let variables = operation.node.variable_definitions.iter().map(|variable| &variable.node.directives);
            let own = variables.chain([&operation.node.directives]).map(|directives| Count::of_directives(directives));
            let own = own.fold(Count::default(), Count::and);
            let count = own.and(counter.of_set(&operation.node.selection_set.node, 1));
            Limit::Nesting.check(count.height.max(counter.too_deep))?;
            Limit::Fields.check(count.fields)?;
            Limit::Typenames.check(count.typenames)?;
            Limit::Directives.check(count.directives)?;
            Limit::DirectivesOnOne.check(count.directives_on_one)?;
            Limit::Depth.check(count.depth)?;
        }
        if counter.circular {
            return Err(Refused::Circular);
        }
        Limit::Nesting.check(counter.too_deep)?;
        let (names_types, introspects) = (counter.names_types, counter.introspects);
        let typenames = if names_types { typenames_of_fragments(document) } else { HashMap::new() };
        Ok(Self { typenames, names_types, introspects })
    }

    /// How many fields `__typename` a field brings to each object that it leads to.
    pub fn typenames(&self, field: &Field) -> usize {
        if self.names_types { in_set(&field.selection_set.node, &|name| self.typenames.get(name).copied()) } else { 0 }
    }
}

/// The fields `__typename` of each fragment, with those of fragments spread in it. None spreads itself.
fn typenames_of_fragments(document: &ExecutableDocument) -> HashMap<Name, usize> {
    fn of(document: &ExecutableDocument, known: &mut HashMap<Name, usize>, name: &Name) -> usize {
        if let Some(known) = known.get(name) {
            return *known;
        }
        let Some(fragment) = document.fragments.get(name) else { return 0 };
        let set = &fragment.node.selection_set.node;
        let mut spread = Vec::new();
        let own = in_set(set, &|_| None);
        spreads(set, &mut spread);
        let others: usize = spread.into_iter().map(|name| of(document, known, name)).fold(0, usize::saturating_add);
        known.insert(name.clone(), own.saturating_add(others));
        own.saturating_add(others)
    }
    let mut known = HashMap::new();
    for name in document.fragments.keys() {
        of(document, &mut known, name);
    }
    known
}

/// The fragments that are spread on the object of a set.
fn spreads<'a>(set: &'a SelectionSet, found: &mut Vec<&'a Name>) {
    for selection in &set.items {
        match &selection.node {
            Selection::Field(_) => {}
            Selection::InlineFragment(fragment) => spreads(&fragment.node.selection_set.node, found),
            Selection::FragmentSpread(spread) => found.push(&spread.node.fragment_name.node),
        }
    }
}

/// The fields `__typename` of a set on its own object.
fn in_set(set: &SelectionSet, of_fragment: &dyn Fn(&Name) -> Option<usize>) -> usize {
    let each = set.items.iter().map(|selection| match &selection.node {
        Selection::Field(field) => usize::from(field.node.name.node == "__typename"),
        Selection::InlineFragment(fragment) => in_set(&fragment.node.selection_set.node, of_fragment),
        Selection::FragmentSpread(spread) => of_fragment(&spread.node.fragment_name.node).unwrap_or(0),
    });
    each.fold(0, usize::saturating_add)
}

/// How much a selection names.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    fields: usize,
    typenames: usize,
    directives: usize,
    directives_on_one: usize,
    /// Fields within fields.
    depth: usize,
    /// Sets within sets, of fields and of fragments.
    height: usize,
}

impl Count {
    fn of_directives(directives: &[Positioned<Directive>]) -> Self {
        Self { directives: directives.len(), directives_on_one: directives.len(), ..Self::default() }
    }

    fn and(self, other: Self) -> Self {
        Self {
            fields: self.fields.saturating_add(other.fields),
            typenames: self.typenames.saturating_add(other.typenames),
            directives: self.directives.saturating_add(other.directives),
            directives_on_one: self.directives_on_one.max(other.directives_on_one),
            depth: self.depth.max(other.depth),
            height: self.height.max(other.height),
        }
    }

    /// A fragment, or a spread of one, is work even if it selects nothing.
    fn step(directives: &[Positioned<Directive>]) -> Self {
        Self { fields: 1, ..Self::of_directives(directives) }
    }
}

/// Counts each fragment once, however often it is spread.
struct Counter<'a> {
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    counted: HashMap<&'a Name, Option<Count>>,
    circular: bool,
    /// How deep sets lie that were not looked at any more.
    too_deep: usize,
    names_types: bool,
    introspects: bool,
}

impl<'a> Counter<'a> {
    /// What a set names that is so deep within sets of any kind. Beyond the limit nothing is looked at any more.
    fn of_set(&mut self, set: &'a SelectionSet, nesting: usize) -> Count {
        if Limit::Nesting.check(nesting).is_err() {
            self.too_deep = self.too_deep.max(nesting);
            return Count::default();
        }
        let count = set.items.iter().map(|item| self.of(&item.node, nesting)).fold(Count::default(), Count::and);
        Count { height: count.height + 1, ..count }
    }

    fn of(&mut self, selection: &'a Selection, nesting: usize) -> Count {
        match selection {
            Selection::Field(field) => {
                let name = field.node.name.node.as_str();
                let typename = name == "__typename";
                self.names_types |= typename;
                self.introspects |= name == "__schema" || name == "__type";
                let set = &field.node.selection_set.node;
                let below = if set.items.is_empty() { Count::default() } else { self.of_set(set, nesting + 1) };
                let own = Count { typenames: usize::from(typename), ..Count::step(&field.node.directives) };
                let depth = below.depth + 1;
                Count { depth, ..own.and(below) }
            }
            Selection::InlineFragment(fragment) => {
                let below = self.of_set(&fragment.node.selection_set.node, nesting + 1);
                Count::step(&fragment.node.directives).and(below)
            }
            Selection::FragmentSpread(spread) => {
                let below = self.of_fragment(&spread.node.fragment_name.node, nesting);
                Count::step(&spread.node.directives).and(below)
            }
        }
    }

    fn of_fragment(&mut self, name: &Name, nesting: usize) -> Count {
        match self.counted.get(name) {
            Some(Some(count)) => return *count,
            Some(None) => {
                self.circular = true;
                return Count::default();
            }
            None => {}
        }
        let Some((name, fragment)) = self.fragments.get_key_value(name) else {
            return Count::default();
        };
        self.counted.insert(name, None);
        let below = self.of_set(&fragment.node.selection_set.node, nesting + 1);
        let count = Count::step(&fragment.node.directives).and(below);
        self.counted.insert(name, Some(count));
        count
    }
}
