//! Scalars that GraphQL lacks: exact numbers, which never pass through a binary floating-point number; days and
//! instants.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::{NaiveDate, SecondsFormat};
use exchange::{Instant, rules::decimal::Figure, service::view};
use serde_json::value::RawValue;

use crate::json;

/// A figure as GraphQL writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decimal(pub Figure);

/// An exact decimal number with the decimals that it was given with (`52.40`): at most 12 integer digits, 6 decimals
/// and 15 significant digits. It is written as a JSON number.
#[Scalar]
impl ScalarType for Decimal {
    fn parse(value: Value) -> InputValueResult<Self> {
        let figure = match &value {
            Value::Number(number) => Figure::parse(&number.to_string()),
            Value::String(text) => Figure::parse(text),
            _ => return Err(InputValueError::expected_type(value)),
        };
        Ok(Self(figure?))
    }

    fn is_valid(value: &Value) -> bool {
        matches!(value, Value::Number(_) | Value::String(_))
    }

    fn to_value(&self) -> Value {
        Value::Number(self.0.to_number())
    }
}

/// A number of a return, before it is judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostedNumber(Value);

/// A number of a return, taken as its digits stand: a JSON number, or a string that holds one. Whether a figure may
/// have so many digits is judged with the rest of the return, and told in its report.
#[Scalar]
impl ScalarType for PostedNumber {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::Number(_) => Ok(Self(value)),
            // A text that is no number is left to the report too.
            Value::String(text) => Ok(Self(text.parse().map_or(Value::String(text), Value::Number))),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn is_valid(value: &Value) -> bool {
        matches!(value, Value::Number(_) | Value::String(_))
    }

    fn to_value(&self) -> Value {
        self.0.clone()
    }
}

/// A day as GraphQL writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Date(pub NaiveDate);

/// A day as ISO 8601 writes it: `2008-04-01`.
#[Scalar(specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339#section-5.6")]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) => Ok(Self(NaiveDate::parse_from_str(text, "%Y-%m-%d")?)),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn is_valid(value: &Value) -> bool {
        matches!(value, Value::String(_))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

impl Date {
    /// The day.
    pub fn day(self) -> NaiveDate {
        self.0
    }
}

/// An instant as GraphQL writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateTime(pub Instant);

/// An instant as RFC 3339 writes it, in UTC: `2009-06-30T09:00:00Z`. Any offset is taken.
#[Scalar(specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339")]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) => Ok(Self(chrono::DateTime::parse_from_rfc3339(text)?.to_utc())),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn is_valid(value: &Value) -> bool {
        matches!(value, Value::String(_))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}

/// A JSON document as GraphQL writes it.
#[derive(Debug, Clone)]
pub struct Document(pub Box<RawValue>);

/// A JSON document as REST writes it, in the spelling of REST.
#[Scalar]
impl ScalarType for Document {
    fn parse(value: Value) -> InputValueResult<Self> {
        // It is only ever answered.
        Err(InputValueError::expected_type(value))
    }

    fn to_value(&self) -> Value {
        serde_json::from_str(self.0.get()).map_or(Value::Null, json::from_json)
    }
}

/// A moment to read at, as GraphQL writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AsOf(pub view::AsOf);

/// A moment to read at: an instant as RFC 3339 writes it (`2009-06-30T09:00:00Z`), or the identifier of a release, which means
/// just after it took effect. For a release that is still to come it is a preview, for those who may see it.
#[Scalar]
impl ScalarType for AsOf {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) => Ok(Self(view::AsOf::parse(text)?)),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn is_valid(value: &Value) -> bool {
        matches!(value, Value::String(_))
    }

    fn to_value(&self) -> Value {
        Value::String(match self.0 {
            view::AsOf::Instant(instant) => instant.to_rfc3339_opts(SecondsFormat::AutoSi, true),
            view::AsOf::Release(release) => release.to_string(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Value {
        Value::Number(text.parse().unwrap())
    }

    #[test]
    fn a_decimal_keeps_the_decimals_it_was_given_with() {
        assert_eq!(Decimal::parse(number("52.40")).unwrap().to_value().to_string(), "52.40");
        assert_eq!(Decimal::parse(Value::String("52.40".to_owned())).unwrap().to_value().to_string(), "52.40");
    }

    #[test]
    fn a_decimal_with_too_many_digits_is_refused_not_rounded() {
        assert!(Decimal::parse(number("0.1234567")).is_err());
    }

    #[test]
    fn an_instant_is_written_as_rest_writes_it() {
        let instant = DateTime::parse(Value::String("2009-06-30T10:00:00+01:00".to_owned())).unwrap();
        assert_eq!(instant.to_value(), Value::String("2009-06-30T09:00:00Z".to_owned()));
        assert_eq!(serde_json::to_value(instant.0).unwrap(), instant.to_value().into_json().unwrap());
    }

    #[test]
    fn a_posted_number_may_have_any_digits() {
        let given = "0.12345678901234567890";
        assert_eq!(PostedNumber::parse(number(given)).unwrap().to_value().to_string(), given);
        assert_eq!(PostedNumber::parse(Value::String(given.to_owned())).unwrap().to_value().to_string(), given);
    }
}
