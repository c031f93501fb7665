//! What stands before every request: limits that async-graphql does not keep, and codes for the errors that it raises.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{
    Name, Pos, Positioned, Response, ServerError, ServerResult, Variables,
    async_trait::async_trait,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextParseQuery, NextRequest, NextSubscribe},
    parser::{
        parse_query as parse,
        types::{Directive, ExecutableDocument, FragmentDefinition, Selection, SelectionSet},
    },
};
use exchange::ProblemCode;
use futures_util::{StreamExt, stream::BoxStream};

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
        tidied(next.run(ctx).await)
    }

    fn subscribe<'s>(
        &self,
        ctx: &ExtensionContext<'_>,
        stream: BoxStream<'s, Response>,
        next: NextSubscribe<'_>,
    ) -> BoxStream<'s, Response> {
        next.run(ctx, stream).map(tidied).boxed()
    }

    async fn parse_query(
        &self,
        ctx: &ExtensionContext<'_>,
        query: &str,
        variables: &Variables,
        next: NextParseQuery<'_>,
    ) -> ServerResult<ExecutableDocument> {
        // The library walks through fragments, once for each spread, as soon as it has read them: it may only see what has
        // been counted here.
        let document = parse(query).map_err(|failure| {
            let mut error = ServerError::from(failure);
            error::code_if_none(&mut error, ProblemCode::GraphqlParseFailed);
            error
        })?;
        check(&document)?;
        next.run(ctx, query, variables).await.map_err(|mut error| {
            error::code_if_none(&mut error, ProblemCode::GraphqlValidationFailed);
            error
        })
    }
}

/// A response with no more errors than may be told, each of them with a code.
fn tidied(mut response: Response) -> Response {
    response.errors.truncate(limits::MAXIMUM_ERRORS);
    for error in &mut response.errors {
        error::code_if_none(error, ProblemCode::GraphqlValidationFailed);
        name_limit(&mut error.message);
    }
    response
}

/// The library says that a limit is passed, and not which.
fn name_limit(message: &mut String) {
    let limit = match message.as_str() {
        "Query is nested too deep." => format!("{} levels are the most.", limits::MAXIMUM_DEPTH),
        "Query is too complex." => format!("A cost of {} is the most.", limits::MAXIMUM_COMPLEXITY),
        _ => return,
    };
    message.push(' ');
    message.push_str(&limit);
}

/// `__typename` escapes the limits of depth and complexity, and aliases multiply it.
fn check(document: &ExecutableDocument) -> ServerResult<()> {
    if document.fragments.len() > limits::MAXIMUM_FRAGMENTS {
        let message = format!("The request has too many fragments: {} are the most.", limits::MAXIMUM_FRAGMENTS);
        return Err(refusal(message, None));
    }
    let mut counter = Counter { fragments: &document.fragments, counted: HashMap::new(), circular: false };
    // Fragments that no operation spreads are walked through too.
    for name in document.fragments.keys() {
        counter.of_fragment(name);
    }
    for (_, operation) in document.operations.iter() {
        let variables = operation.node.variable_definitions.iter().map(|variable| variable.node.directives.len());
        let own = operation.node.directives.len() + variables.sum::<usize>();
        let count =
            Count { directives: own, ..Count::default() }.and(counter.of_set(&operation.node.selection_set.node));
        let limits = [
            (count.fields, limits::MAXIMUM_FIELDS, "fields"),
            (count.typenames, limits::MAXIMUM_TYPENAMES, "fields `__typename`"),
            (count.directives, limits::MAXIMUM_DIRECTIVES_IN_ALL, "directives"),
        ];
        if let Some((_, limit, what)) = limits.into_iter().find(|(found, limit, _)| found > limit) {
            let message = format!("The operation names too many {what}: {limit} are the most.");
            return Err(refusal(message, Some(operation.pos)));
        }
    }
    if counter.circular {
        return Err(refusal("A fragment spreads itself.".to_owned(), None));
    }
    Ok(())
}

fn refusal(message: String, place: Option<Pos>) -> ServerError {
    let mut error = ServerError::new(message, place);
    error::code_if_none(&mut error, ProblemCode::GraphqlValidationFailed);
    error
}

/// How many fields a selection names.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    fields: usize,
    typenames: usize,
    directives: usize,
}

impl Count {
    fn and(self, other: Self) -> Self {
        Self {
            fields: self.fields.saturating_add(other.fields),
            typenames: self.typenames.saturating_add(other.typenames),
            directives: self.directives.saturating_add(other.directives),
        }
    }
}

/// Counts each fragment once, however often it is spread.
struct Counter<'a> {
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    counted: HashMap<&'a Name, Option<Count>>,
    circular: bool,
}

impl<'a> Counter<'a> {
    fn of_set(&mut self, set: &'a SelectionSet) -> Count {
        set.items.iter().map(|item| self.of(&item.node)).fold(Count::default(), Count::and)
    }

    fn of(&mut self, selection: &'a Selection) -> Count {
        match selection {
            Selection::Field(field) => {
                let typename = field.node.name.node == "__typename";
                let directives = field.node.directives.len();
                let own = Count { fields: 1, typenames: usize::from(typename), directives };
                own.and(self.of_set(&field.node.selection_set.node))
            }
            Selection::InlineFragment(fragment) => {
                step(&fragment.node.directives).and(self.of_set(&fragment.node.selection_set.node))
            }
            Selection::FragmentSpread(spread) => {
                step(&spread.node.directives).and(self.of_fragment(&spread.node.fragment_name.node))
            }
        }
    }

    fn of_fragment(&mut self, name: &Name) -> Count {
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
        let count = step(&fragment.node.directives).and(self.of_set(&fragment.node.selection_set.node));
        self.counted.insert(name, Some(count));
        count
    }
}

/// A fragment, or a spread of one, is work even if it selects nothing.
fn step(directives: &[Positioned<Directive>]) -> Count {
    Count { fields: 1, typenames: 0, directives: directives.len() }
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
    fn a_fragment_that_spreads_itself_is_refused() {
        assert!(check(&parse_query("{ ...f } fragment f on Query { state ...f }").unwrap()).is_err());
        assert!(
            check(&parse_query("{ state } fragment f on Query { ...g } fragment g on Query { ...f }").unwrap())
                .is_err()
        );
    }

    #[test]
    fn directives_are_counted_wherever_they_stand() {
        let directives = "@include(if: true) ".repeat(201);
        assert!(check(&parse_query(format!("{{ ... {directives} {{ state }} }}")).unwrap()).is_err());
        assert!(check(&parse_query(format!("query {directives} {{ state }}")).unwrap()).is_err());
    }
}
