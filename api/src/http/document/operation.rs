//! One route of the document: what it takes and what it answers.

use super::super::format::Format;
use super::super::table::Tabular;
use super::super::table::sheet::Locale;
use super::schema::{self, Part};
use crate::limits::{ROWS_DEFAULT, ROWS_MAX};
use axum::http::StatusCode;
use serde_json::{Value, json};
use utoipa::openapi::path::{OperationBuilder, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::Type;
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{
    Content, ContentBuilder, HeaderBuilder, Required, ResponseBuilder, path::Operation,
};

/// The name of the token in the document.
pub(super) const TOKEN: &str = "token";

/// Where the form of a table is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http) enum Named {
    /// In `?format=`, or in `Accept`.
    ByQuery,
    /// In the suffix of the path.
    ByPath,
}

/// An operation that is being described.
pub(in crate::http) struct Doc {
    operation: OperationBuilder,
}

impl Doc {
    /// Under a heading, in a few words.
    pub(in crate::http) fn new(tag: &str, summary: &str) -> Self {
        let operation = OperationBuilder::new().tag(tag).summary(Some(summary));
        Self { operation }
    }

    /// In more words.
    pub(in crate::http) fn about(self, about: &str) -> Self {
        Self { operation: self.operation.description(Some(about)) }
    }

    /// With a parameter in the query.
    pub(in crate::http) fn query(
        self,
        name: &str,
        about: &str,
        schema: impl Into<Part>,
        example: impl Into<Value>,
    ) -> Self {
        self.parameter(ParameterIn::Query, name, about, schema.into(), example.into())
    }

    /// With a parameter in the query that must be there.
    pub(in crate::http) fn needs(mut self, name: &str, about: &str, example: &str) -> Self {
        let text = schema::of(Type::String);
        let parameter = described(ParameterIn::Query, name, about, text.into(), example.into());
        self.operation = self.operation.parameter(parameter.required(Required::True));
        self
    }

    /// With a part of the path.
    pub(in crate::http) fn path(self, name: &str, about: &str, example: &str) -> Self {
        let text = schema::of(Type::String).into();
        self.parameter(ParameterIn::Path, name, about, text, example.into())
    }

    /// With a header.
    pub(in crate::http) fn header(self, name: &str, about: &str, example: &str) -> Self {
        let text = schema::of(Type::String).into();
        self.parameter(ParameterIn::Header, name, about, text, example.into())
    }

    fn parameter(
        self,
        place: ParameterIn,
        name: &str,
        about: &str,
        schema: Part,
        example: Value,
    ) -> Self {
        let parameter = described(place, name, about, schema, example);
        Self { operation: self.operation.parameter(parameter) }
    }

    /// With `?format=`, one of these.
    pub(in crate::http) fn formats(self, offered: &[Format]) -> Self {
        let names: Vec<_> = offered.iter().map(|format| format.name()).collect();
        let about = "the form of the answer, before what Accept says";
        let schema = schema::of(Type::String).enum_values(Some(names.clone()));
        self.query("format", about, schema, names.first().copied().unwrap_or_default())
    }

    /// With the form of a table, one of these, and with the language of a CSV for spreadsheets.
    pub(in crate::http) fn forms(self, named: Named, offered: &[Format]) -> Self {
        let with_form = match named {
            Named::ByQuery => self.formats(offered),
            Named::ByPath => {
                let names: Vec<_> = offered.iter().map(|format| format.name()).collect();
                let schema = schema::of(Type::String).enum_values(Some(names));
                let about = "the form of the answer";
                let example = json!("csv");
                self.parameter(ParameterIn::Path, "form", about, schema.into(), example)
                    .problems(&[404])
            }
        };
        with_form.locale()
    }

    /// With `?locale=`.
    pub(in crate::http) fn locale(self) -> Self {
        let names = Locale::ALL.map(Locale::name);
        let about = "of csv: as the spreadsheet of this language reads it, with amounts in units \
                     instead of cents";
        let schema = schema::of(Type::String).enum_values(Some(names));
        self.query("locale", about, schema, Value::Null)
    }

    /// With what every list takes.
    pub(in crate::http) fn pages(self) -> Self {
        self.pages_of(ROWS_DEFAULT)
    }

    /// The same with so many rows where no number is asked for.
    pub(in crate::http) fn pages_of(self, rows: usize) -> Self {
        let limit = schema::of(Type::Integer).minimum(Some(1)).maximum(Some(ROWS_MAX as u64));
        let about =
            format!("how many rows; {rows} if not given in JSON, every row in the other forms");
        let cursor = "where the page begins: what stood in next; not from another sort";
        self.query("limit", &about, limit, json!(rows)).query(
            "cursor",
            cursor,
            schema::of(Type::String).pattern(Some("^[A-Za-z0-9_-]+$")),
            // One that a reader could give back cannot be made up.
            Value::Null,
        )
    }

    /// With `?sort=` by the columns of a table.
    pub(in crate::http) fn sorts<R: Tabular>(self) -> Self {
        let columns = R::TABLE.columns.iter().map(|column| column.name.to_owned());
        let both = columns.flat_map(|name| [format!("-{name}"), name]);
        let about = "a column, with - before it for the largest first; null comes last either way, \
                     equal rows by their key";
        let schema = schema::of(Type::String).enum_values(Some(both.collect::<Vec<_>>()));
        self.query("sort", about, schema, R::TABLE.default_sort)
    }

    /// Answers a status with one body.
    pub(in crate::http) fn answers(
        self,
        status: StatusCode,
        about: &str,
        media_type: &str,
        content: impl Into<Content>,
    ) -> Self {
        let response = ResponseBuilder::new().description(about).content(media_type, content);
        let request_id = HeaderBuilder::new()
            .schema(Some(schema::of(Type::String)))
            .description(Some("the request's own id, or a new one"))
            .build();
        let response = response.header("x-request-id", request_id);
        Self { operation: self.operation.response(status.as_str(), response) }
    }

    /// Takes a body in these forms, each with its example.
    pub(in crate::http) fn takes<const N: usize>(self, forms: [(&str, Part, Value); N]) -> Self {
        let mut body = RequestBodyBuilder::new().required(Some(Required::True));
        for (media_type, schema, example) in forms {
            let form = ContentBuilder::new().schema(Some(schema)).example(Some(example));
            body = body.content(media_type, form.build());
        }
        Self { operation: self.operation.request_body(Some(body.build())) }
    }

    /// Answers 200 with a file of one of these types.
    pub(in crate::http) fn file(self, about: &str, media_types: &[&str]) -> Self {
        let mut response = ResponseBuilder::new().description(about);
        for media_type in media_types {
            response = response.content(*media_type, content(schema::of(Type::String)));
        }
        Self { operation: self.operation.response("200", response) }
    }

    /// Answers a status with nothing.
    pub(in crate::http) fn empty(self, status: StatusCode, about: &str) -> Self {
        let response = ResponseBuilder::new().description(about);
        Self { operation: self.operation.response(status.as_str(), response) }
    }

    /// Answers 200 with a JSON value.
    pub(in crate::http) fn json(self, about: &str, schema: impl Into<Part>) -> Self {
        self.answers(StatusCode::OK, about, Format::Json.media_type(), content(schema))
    }

    /// Answers 202 with this.
    pub(in crate::http) fn accepted(self, about: &str, schema: impl Into<Part>) -> Self {
        self.answers(StatusCode::ACCEPTED, about, Format::Json.media_type(), content(schema))
    }

    /// Answers 200 with a table in these forms; `json` describes the first of them.
    pub(in crate::http) fn table<R: Tabular>(
        self,
        json: impl Into<Part>,
        offered: &[Format],
    ) -> Self {
        let about = R::TABLE.about;
        let mut response = ResponseBuilder::new().description(about);
        let json = json.into();
        for format in offered {
            let content = match format {
                Format::Json => content(json.clone()),
                other => form::<R>(*other),
            };
            response = response.content(format.media_type(), content);
        }
        let text = || HeaderBuilder::new().schema(Some(schema::of(Type::String)));
        let etag = text().description(Some("epoch and version, and the form where it is not JSON"));
        let link = text().description(Some("rel=\"next\": the next page, where there is one"));
        let timing = text().description(Some("milliseconds of the answer's parts"));
        let response = response
            .header("etag", etag.build())
            .header("link", link.build())
            .header("server-timing", timing.build());
        Self { operation: self.operation.response("200", response) }
    }

    /// Answers 304 to `If-None-Match`.
    pub(in crate::http) fn tagged(self) -> Self {
        let about =
            "the tag of what the client holds: answered with 304 where that is this version";
        let with_tag = self.header("If-None-Match", about, "\"7f3a12c0:41\"");
        let response = ResponseBuilder::new().description("the client holds this version already");
        Self { operation: with_tag.operation.response("304", response) }
    }

    /// Answers with a part of the file to `Range`, but for JSON.
    pub(in crate::http) fn ranged(self) -> Self {
        let part = "a part of the file, but of JSON: all parts are of one version for a minute after \
                    the last of them";
        let with_range = self
            .header("Range", part, "bytes=-8")
            .header("If-Range", "the part only where this is the file's tag", "\"7f3a12c0:41:csv\"")
            .header("If-Match", "nothing but of the file with this tag", "\"7f3a12c0:41:csv\"");
        let mut response = ResponseBuilder::new().description("the part");
        for format in Format::ALL.iter().filter(|format| **format != Format::Json) {
            let bytes = schema::of(Type::String).description(Some("these bytes of it"));
            response = response.content(format.media_type(), content(bytes));
        }
        let text = || HeaderBuilder::new().schema(Some(schema::of(Type::String)));
        let place = text().description(Some("which bytes, and how many there are"));
        let response = response.header("content-range", place.build());
        let operation = with_range.operation.response("206", response);
        Self { operation }.problems(&[412, 416])
    }

    /// Wants the token of a server that has one.
    pub(super) fn guarded(self) -> Self {
        let with_token = SecurityRequirement::new(TOKEN, [""; 0]);
        let security = [with_token, SecurityRequirement::default()];
        let mut doc = self.problems(&[401]);
        doc.operation = doc.operation.securities(Some(security));
        doc
    }

    /// Wants no token of anybody.
    pub(super) fn open(mut self) -> Self {
        self.operation = self.operation.securities(Some([]));
        self
    }

    /// Answers these statuses with a problem.
    pub(in crate::http) fn problems(mut self, statuses: &[u16]) -> Self {
        for status in statuses {
            let title = StatusCode::from_u16(*status).ok().and_then(|it| it.canonical_reason());
            let response = ResponseBuilder::new()
                .description(title.unwrap_or("a problem"))
                .content(super::super::problem::MEDIA_TYPE, content(schema::named("Problem")));
            self.operation = self.operation.response(status.to_string(), response);
        }
        self
    }

    /// The description under an id of its own.
    pub(super) fn build(self, id: &str) -> Operation {
        // A body may be too large, a name another's, whatever the route does.
        self.problems(&[413, 421]).operation.operation_id(Some(id)).build()
    }
}

fn described(
    place: ParameterIn,
    name: &str,
    about: &str,
    schema: Part,
    example: Value,
) -> ParameterBuilder {
    let required = if place == ParameterIn::Path { Required::True } else { Required::False };
    ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .required(required)
        .description(Some(about))
        .schema(Some(schema))
        .example(Some(example).filter(|example| !example.is_null()))
}

/// A body of this schema.
pub(in crate::http) fn content(schema: impl Into<Part>) -> Content {
    ContentBuilder::new().schema(Some(schema)).build()
}

fn form<R: Tabular>(format: Format) -> Content {
    let header: Vec<_> = R::TABLE.columns.iter().map(|column| column.name).collect();
    let text = schema::of(Type::String);
    let about = match format.name() {
        "csv" => format!("RFC 4180, null is empty. Its first line: {}", header.join(",")),
        "ndjson" => "a row a line, each the JSON object of a row".to_owned(),
        name => format!("a binary {name} stream of these columns: {}", header.join(", ")),
    };
    content(text.description(Some(about)))
}
