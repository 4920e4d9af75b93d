//! Rows in which two golds differ.

use super::schema::{Part, array, nullable, object, text};
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};

/// The first rows in which two golds differ, each side under its name.
pub(super) fn sides(one: &'static str, other: &'static str) -> Part {
    const ONE_SIDE: &str = "without a field the whole row, or null where it is not there";
    let value = |side: &str| {
        let scalars = [Type::String, Type::Integer, Type::Boolean];
        let kinds: SchemaType = scalars.into_iter().chain([Type::Object, Type::Null]).collect();
        let about = format!("what {side} says; {ONE_SIDE}");
        Part::from(ObjectBuilder::new().schema_type(kinds).description(Some(about)))
    };
    array(object(
        "a row that differs; texts of over 200 characters are cut",
        [
            ("table", text("its table, summary or accounting")),
            (
                "key",
                nullable(Type::String, "its key; null for the unknown country, and without keys"),
            ),
            (
                "field",
                nullable(
                    Type::String,
                    "the first field that differs; null where one side has no row",
                ),
            ),
            (one, value(one)),
            (other, value(other)),
            ("also", array(text("another field of the row that differs"))),
        ],
    ))
}
