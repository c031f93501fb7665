//! Errors of the exchange as GraphQL tells them: one conversion, so that every error carries its code.

use std::sync::Arc;

use async_graphql::{ErrorExtensionValues, ServerError, Value};
use exchange::{Error, ProblemCode, problem::Refusal};

use crate::json;

/// What a resolver answers.
pub type Result<T, E = Told> = std::result::Result<T, E>;

/// What a client is told of an error.
///
/// It has no `Display`: async-graphql turns everything that has one into an error by its text, and would tell the
/// client what only the operator may know.
#[derive(Debug, Clone)]
pub struct Told(Option<Arc<Refusal>>);

impl From<Error> for Told {
    fn from(error: Error) -> Self {
        match error {
            Error::Refusal(refusal) => Self(Some(Arc::from(refusal))),
            internal @ Error::Internal { .. } => {
                tracing::error!(error = %internal, "a resolver failed");
                Self(None)
            }
        }
    }
}

/// `extensions` holds `code` and `status`, the `problems` as REST spells them, and the `report` of a refused return.
impl From<Told> for async_graphql::Error {
    fn from(Told(refusal): Told) -> Self {
        let Some(refusal) = refusal else {
            let mut error = Self::new("The exchange could not answer.");
            error.extensions = Some(coded(ProblemCode::Internal));
            return error;
        };
        let mut extensions = coded(refusal.code);
        let problems = refusal.report.as_ref().map_or(&refusal.problems, |report| &report.problems);
        extensions.set("problems", written(serde_json::to_value(problems)));
        if let Some(report) = &refusal.report {
            extensions.set("report", written(serde_json::to_value(report)));
        }
        let mut error = Self::new(refusal.detail.clone());
        error.extensions = Some(extensions);
        error
    }
}

/// What REST writes, as a GraphQL value; null for what cannot be written, which nothing of the exchange is.
fn written(json: serde_json::Result<serde_json::Value>) -> Value {
    json.map_or(Value::Null, json::from_json)
}

fn coded(code: ProblemCode) -> ErrorExtensionValues {
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", code.as_str());
    extensions.set("status", code.status());
    extensions
}

/// Gives an error a code, unless it has one.
pub fn code_if_none(error: &mut ServerError, code: ProblemCode) {
    if error.extensions.as_ref().is_none_or(|extensions| extensions.get("code").is_none()) {
        error.extensions = Some(coded(code));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_internal_error_is_not_told() {
        let error = async_graphql::Error::from(Told::from(Error::internal("reading", "no such table: figure")));
        assert_eq!(error.message, "The exchange could not answer.");
        assert_eq!(error.extensions.unwrap().get("code"), Some(&"INTERNAL".into()));
    }

    #[test]
    fn a_refusal_keeps_its_code_and_status() {
        let refusal = Error::problem(ProblemCode::WrongState, "The return is SIGNED_OFF.");
        let error = async_graphql::Error::from(Told::from(refusal));
        assert_eq!(error.message, "The return is SIGNED_OFF.");
        let extensions = error.extensions.unwrap();
        assert_eq!(extensions.get("code"), Some(&"WRONG_STATE".into()));
        assert_eq!(extensions.get("status"), Some(&409.into()));
    }
}
