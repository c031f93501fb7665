//! What stands before every request: limits that async-graphql does not keep, and codes for the errors that it raises.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{
    Name, Positioned, Response, ServerError, ServerResult, Variables,
    async_trait::async_trait,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextParseQuery, NextRequest},
    parser::types::{ExecutableDocument, FragmentDefinition, Selection, SelectionSet},
};
use exchange::ProblemCode;

use crate::{error, limits};

/// Counts what a request names, and gives a code to every error that has none.
pub struct Guard;

impl ExtensionFactory for Guard {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_trait]
impl Extension for Guard {
    async fn request(&self, ctx: &ExtensionContext<'_>, next: NextRequest<'_>) -> Response {
        let mut response = next.run(ctx).await;
        for error in &mut response.errors {
            error::code_if_none(error, ProblemCode::GraphqlValidationFailed);
        }
        response
    }

    async fn parse_query(
        &self,
        ctx: &ExtensionContext<'_>,
        query: &str,
        variables: &Variables,
        next: NextParseQuery<'_>,
    ) -> ServerResult<ExecutableDocument> {
        let document = next.run(ctx, query, variables).await.map_err(|mut error| {
            error::code_if_none(&mut error, ProblemCode::GraphqlParseFailed);
            error
        })?;
        check(&document)?;
        Ok(document)
    }
}

/// `__typename` escapes the limits of depth and complexity, and aliases multiply it.
fn check(document: &ExecutableDocument) -> ServerResult<()> {
    let mut counter = Counter { fragments: &document.fragments, counted: HashMap::new() };
    for (_, operation) in document.operations.iter() {
        let count = counter.of_set(&operation.node.selection_set.node);
        let limits = [
            (count.fields, limits::MAXIMUM_FIELDS, "fields"),
            (count.typenames, limits::MAXIMUM_TYPENAMES, "fields `__typename`"),
        ];
        if let Some((_, limit, what)) = limits.into_iter().find(|(found, limit, _)| found > limit) {
            let message = format!("The operation names too many {what}: {limit} are the most.");
            let mut error = ServerError::new(message, Some(operation.pos));
            error::code_if_none(&mut error, ProblemCode::GraphqlValidationFailed);
            return Err(error);
        }
    }
    Ok(())
}

/// How many fields a selection names.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    fields: usize,
    typenames: usize,
}

impl Count {
    fn and(self, other: Self) -> Self {
        Self {
            fields: self.fields.saturating_add(other.fields),
            typenames: self.typenames.saturating_add(other.typenames),
        }
    }
}

/// Counts each fragment once, however often it is spread.
struct Counter<'a> {
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    counted: HashMap<&'a Name, Count>,
}

impl<'a> Counter<'a> {
    fn of_set(&mut self, set: &'a SelectionSet) -> Count {
        set.items.iter().map(|item| self.of(&item.node)).fold(Count::default(), Count::and)
    }

    fn of(&mut self, selection: &'a Selection) -> Count {
        match selection {
            Selection::Field(field) => {
                let typename = field.node.name.node == "__typename";
                let own = Count { fields: 1, typenames: usize::from(typename) };
                own.and(self.of_set(&field.node.selection_set.node))
            }
            Selection::InlineFragment(fragment) => self.of_set(&fragment.node.selection_set.node),
            Selection::FragmentSpread(spread) => self.of_fragment(&spread.node.fragment_name.node),
        }
    }

    fn of_fragment(&mut self, name: &Name) -> Count {
        if let Some(count) = self.counted.get(name) {
            return *count;
        }
        let Some((name, fragment)) = self.fragments.get_key_value(name) else {
            return Count::default();
        };
        // A fragment that spreads itself counts nothing the second time; validation refuses it.
        self.counted.insert(name, Count::default());
        let count = self.of_set(&fragment.node.selection_set.node);
        self.counted.insert(name, count);
        count
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    #[test]
    fn aliases_of_typename_are_limited() {
        let aliases = |count: usize| (0..count).map(|n| format!("a{n}: __typename")).collect::<Vec<_>>().join(" ");
        assert!(check(&parse_query(format!("{{ {} }}", aliases(100))).unwrap()).is_ok());
        assert!(check(&parse_query(format!("{{ {} }}", aliases(101))).unwrap()).is_err());
    }

    #[test]
    fn a_fragment_counts_as_often_as_it_is_spread() {
        let doubling = (0..30).map(|n| format!("fragment f{n} on Query {{ ...f{m} ...f{m} }}", m = n + 1));
        let doubling = doubling.collect::<Vec<_>>().join(" ");
        let query = format!("{{ ...f0 }} {doubling} fragment f30 on Query {{ state }}");
        assert!(check(&parse_query(query).unwrap()).is_err());
    }

    #[test]
    fn a_fragment_that_spreads_itself_is_counted_once() {
        assert!(check(&parse_query("{ ...f } fragment f on Query { state ...f }").unwrap()).is_ok());
    }
}
