//! Figures as JSON numbers: written and read as the literal's text, never through a binary floating-point number.

use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::Number;
use utoipa::{PartialSchema, ToSchema, openapi};

use super::decimal::Figure;

impl Figure {
    /// The figure as a JSON number that keeps its decimals: `52.40`.
    pub fn to_number(self) -> Number {
        // The text of a figure is always a JSON number; zero stands in for what cannot happen.
        Number::from_str(&self.to_string()).unwrap_or_else(|_| Number::from(0))
    }
}

impl Serialize for Figure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_number().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Figure {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = Number::deserialize(deserializer)?;
        Self::parse(&number.to_string()).map_err(D::Error::custom)
    }
}

impl PartialSchema for Figure {
    fn schema() -> openapi::RefOr<openapi::schema::Schema> {
        openapi::schema::Object::builder()
            .schema_type(openapi::schema::Type::Number)
            .description(Some(
                "An exact decimal: at most 12 integer digits, 6 decimals and 15 significant digits. Its decimals are those \
                 it was given with.",
            ))
            .examples([serde_json::json!(2.29)])
            .into()
    }
}

impl ToSchema for Figure {
    fn name() -> std::borrow::Cow<'static, str> {
        "Figure".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_keeps_its_decimals_through_json() {
        let figure: Figure = serde_json::from_str("52.40").unwrap();
        assert_eq!(serde_json::to_string(&figure).unwrap(), "52.40");
        assert_eq!(serde_json::to_string(&serde_json::to_value(figure).unwrap()).unwrap(), "52.40");
    }

    #[test]
    fn a_figure_with_too_many_digits_is_refused_not_rounded() {
        assert!(serde_json::from_str::<Figure>("0.1234567").is_err());
    }
}
