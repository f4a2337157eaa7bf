//! The usual row, read in one pass that keeps no text: most requests hold nothing else, and judging
//! texts takes longer than predicting.

use hp_core::schema::Schema;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, Visitor};
use std::fmt;

/// The values `[features]` of an object that has each feature of `schema` once and a valid number
/// for it. `None` for any other text; [`RawRow`](hp_core::record::RawRow) says what is wrong with it.
pub(super) fn plain_row(json: &[u8], schema: &Schema) -> Option<Vec<f64>> {
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let values = PlainRow(schema).deserialize(&mut deserializer).ok()?;
    deserializer.end().ok()?;
    let mut columns = schema.features.iter().zip(&values);
    let valid = columns.all(|(column, &value)| column.check(value).is_ok());
    valid.then_some(values)
}

struct PlainRow<'a>(&'a Schema);

impl<'de> DeserializeSeed<'de> for PlainRow<'_> {
    type Value = Vec<f64>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<f64>, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for PlainRow<'_> {
    type Value = Vec<f64>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with a number for each feature")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Vec<f64>, A::Error> {
        // JSON has no NaN, so it stands for what is still missing.
        let mut values = vec![f64::NAN; self.0.features.len()];
        let mut expected = 0;
        while let Some(index) = map.next_key_seed(Feature {
            schema: self.0,
            expected,
        })? {
            if !values[index].is_nan() {
                return Err(A::Error::custom("a feature is there twice"));
            }
            values[index] = map.next_value()?;
            expected = index + 1;
        }
        if values.iter().any(|value| value.is_nan()) {
            return Err(A::Error::custom("a feature is missing"));
        }
        Ok(values)
    }
}

/// The index of a feature by its name; `expected` is tried first.
struct Feature<'a> {
    schema: &'a Schema,
    expected: usize,
}

impl<'de> DeserializeSeed<'de> for Feature<'_> {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Feature<'_> {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a feature")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<usize, E> {
        let features = &self.schema.features;
        if features.get(self.expected).is_some_and(|c| c.name == name) {
            return Ok(self.expected);
        }
        let index = features.iter().position(|column| column.name == name);
        index.ok_or_else(|| E::custom("not the name of a feature"))
    }
}

#[cfg(test)]
mod tests {
    use super::plain_row;
    use hp_core::record::RawRow;
    use hp_core::schema::Schema;
    use proptest::prelude::*;

    fn schema() -> Schema {
        let text = r#"{
            "features": [
                { "name": "RM", "dtype": "float", "min": -12, "max": 12 },
                { "name": "RAD", "dtype": "integer" }
            ],
            "target": { "name": "MEDV", "dtype": "float" }
        }"#;
        serde_json::from_str(text).unwrap()
    }

    /// The values, when the careful way finds nothing wrong.
    fn careful(json: &str, schema: &Schema) -> Option<Vec<u64>> {
        let row: RawRow = serde_json::from_str(json).ok()?;
        let checked = row.check(schema, 0);
        let bits = checked.values.iter().map(|value| value.to_bits());
        checked.problems.is_empty().then(|| bits.collect())
    }

    /// Mostly names of features, one of them in another spelling.
    fn any_name() -> impl Strategy<Value = &'static str> {
        prop_oneof![
            8 => prop::sample::select(vec!["RM", "RAD", "R\\u004d"]),
            1 => Just("X"),
        ]
    }

    /// Mostly values that are valid for every feature.
    fn any_value() -> impl Strategy<Value = String> {
        let odd = vec!["-0", "1.0", "null", "true", "\"1\"", "[]", "NaN", "01"];
        prop_oneof![
            12 => (-12..=12i64).prop_map(|value| value.to_string()),
            1 => (-20f64..20.0).prop_map(|value| value.to_string()),
            1 => any::<i64>().prop_map(|value| value.to_string()),
            1 => "-?[0-9]{1,40}(\\.[0-9]{1,30})?([eE][+-]?[0-9]{1,3})?",
            2 => prop::sample::select(odd).prop_map(str::to_owned),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]

        #[test]
        fn both_ways_agree(
            names in prop::collection::vec(any_name(), 0..4),
            values in prop::collection::vec(any_value(), 4),
            end in prop::sample::select(vec!["}", "}", "}", "} ", "}x", ",}", ""]),
        ) {
            let fields = names.iter().zip(&values);
            let fields: Vec<_> = fields.map(|(name, value)| format!("\"{name}\": {value}")).collect();
            let json = format!("{{{}{end}", fields.join(", "));
            let plain = plain_row(json.as_bytes(), &schema());
            let bits = plain.map(|row| row.iter().map(|value| value.to_bits()).collect());
            prop_assert_eq!(bits, careful(&json, &schema()), "{}", json);
        }
    }
}
