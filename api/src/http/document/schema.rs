//! Schemas of what the API answers, made from the same descriptions of columns as the answers.

use super::super::table::{Column, Kind, Presence, Tabular};
use goldstream_platform::clock::rfc3339;
use serde_json::Value;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{
    AdditionalProperties, ArrayBuilder, KnownFormat, ObjectBuilder, OneOfBuilder, Ref, Schema,
    SchemaFormat, SchemaType, Type,
};

pub(in crate::http) type Part = RefOr<Schema>;

/// A value of one type.
pub(in crate::http) fn of(kind: Type) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(kind)
}

/// Text.
pub(in crate::http) fn text(about: &str) -> Part {
    of(Type::String).description(Some(about)).into()
}

/// A whole number from 0.
pub(in crate::http) fn count(about: &str) -> Part {
    let whole = of(Type::Integer).format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)));
    whole.minimum(Some(0)).description(Some(about)).into()
}

/// A number with a point.
pub(in crate::http) fn number(about: &str) -> Part {
    of(Type::Number).description(Some(about)).into()
}

/// A moment of the machine.
pub(in crate::http) fn instant(about: &str) -> Part {
    let format = SchemaFormat::KnownFormat(KnownFormat::DateTime);
    of(Type::String).format(Some(format)).description(Some(about)).into()
}

/// One of these words.
pub(in crate::http) fn one_of(words: &[&str], about: &str) -> Part {
    of(Type::String).enum_values(Some(words.iter().copied())).description(Some(about)).into()
}

/// A value of this kind that may be null.
pub(in crate::http) fn nullable(kind: Type, about: &str) -> Part {
    let kinds: SchemaType = [kind, Type::Null].into_iter().collect();
    ObjectBuilder::new().schema_type(kinds).description(Some(about)).into()
}

/// This, or null.
pub(in crate::http) fn or_null(value: impl Into<Part>, about_null: &str) -> Part {
    let none = of(Type::Null).description(Some(about_null));
    OneOfBuilder::new().item(value.into()).item(Part::from(none)).into()
}

/// A moment of the machine that may be null.
pub(in crate::http) fn nullable_instant(about: &str) -> Part {
    let kinds: SchemaType = [Type::String, Type::Null].into_iter().collect();
    let format = SchemaFormat::KnownFormat(KnownFormat::DateTime);
    ObjectBuilder::new().schema_type(kinds).format(Some(format)).description(Some(about)).into()
}

/// Many of these.
pub(in crate::http) fn array(items: impl Into<Part>) -> Part {
    ArrayBuilder::new().items(items.into()).into()
}

/// Counts by name.
pub(in crate::http) fn counts(about: &str) -> Part {
    let value = AdditionalProperties::RefOr(count("rows"));
    of(Type::Object).additional_properties(Some(value)).description(Some(about)).into()
}

/// A schema that stands among the components.
pub(in crate::http) fn named(name: &str) -> Part {
    Ref::from_schema_name(name).into()
}

/// An object that has all of these.
pub(in crate::http) fn object(
    about: &str,
    members: impl IntoIterator<Item = (&'static str, Part)>,
) -> ObjectBuilder {
    let mut object = of(Type::Object).description(Some(about));
    for (name, part) in members {
        object = object.property(name, part).required(name);
    }
    object
}

/// A row of a table.
pub(super) fn row<R: Tabular>() -> Part {
    let columns = R::TABLE.columns.iter().map(|it| (it.name, column(it)));
    object(R::TABLE.about, columns).examples([example::<R>()]).into()
}

/// A row as it may be.
pub(in crate::http) fn example<R: Tabular>() -> Value {
    let mut json = Vec::new();
    (R::TABLE.example)().write_json(&mut json);
    serde_json::from_slice(&json).unwrap_or_default()
}

fn column<R>(column: &Column<R>) -> Part {
    let (kind, format, pattern) = match column.kind {
        Kind::Text => (Type::String, None, None),
        Kind::Integer => (Type::Integer, Some(KnownFormat::Int64), None),
        Kind::Flag => (Type::Boolean, None, None),
        Kind::Month => (Type::String, None, Some(r"^\d{4}-\d{2}$")),
        Kind::Day => (Type::String, Some(KnownFormat::Date), None),
        Kind::Moment => (Type::String, None, Some(r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$")),
        Kind::Instant => (Type::String, Some(KnownFormat::DateTime), None),
    };
    let kind: SchemaType = match column.presence {
        Presence::Always => kind.into(),
        Presence::Nullable => [kind, Type::Null].into_iter().collect(),
    };
    ObjectBuilder::new()
        .schema_type(kind)
        .format(format.map(SchemaFormat::KnownFormat))
        .pattern(pattern)
        .description(Some(column.about))
        .into()
}

/// What a version is named by.
pub(super) fn version_members() -> [(&'static str, Part); 3] {
    [
        ("epoch", text("versions of one epoch can be compared")),
        ("version", count("how many commits this server has applied")),
        ("as_of", instant("when the last of them was applied")),
    ]
}

/// A list of a table.
pub(in crate::http) fn list<R: Tabular>() -> ObjectBuilder {
    let about = format!("{}, a page of them, at one version", R::TABLE.name);
    let members = [
        ("rows", array(named(R::TABLE.schema))),
        (
            "next",
            nullable(Type::String, "give it back as ?cursor= for the next page; null at the end"),
        ),
    ];
    object(&about, version_members().into_iter().chain(members)).examples([list_example::<R>()])
}

fn list_example<R: Tabular>() -> Value {
    serde_json::json!({
        "epoch": "7f3a12c0",
        "version": 41,
        "as_of": rfc3339(1_709_298_202_000),
        "rows": [example::<R>()],
        "next": null,
    })
}
