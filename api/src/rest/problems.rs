//! The pages of problem codes, to which the `type` of every problem document leads.

use axum::{
    Json,
    extract::FromRequestParts,
    http::{HeaderValue, header, request::Parts},
    response::{Html, IntoResponse, Response},
};
use exchange::{Error, ProblemCode};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    extract::Segment,
    failure::{Failure, ProblemDocument, address_of},
    reading,
};

/// What a problem code means.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemPage {
    /// The address of this page.
    #[serde(rename = "type")]
    #[schema(example = "/v1/problems/not-in-catalogue")]
    pub kind: String,
    /// The code.
    pub code: ProblemCode,
    /// The HTTP status of an answer that fails with it.
    #[schema(example = 422)]
    pub status: u16,
    /// A short title.
    #[schema(example = "Not in the catalogue")]
    pub title: &'static str,
    /// What it means and what to do about it.
    pub explanation: &'static str,
}

impl From<ProblemCode> for ProblemPage {
    fn from(code: ProblemCode) -> Self {
        Self {
            kind: address_of(code),
            code,
            status: code.status(),
            title: code.title(),
            explanation: code.explanation(),
        }
    }
}

/// Every problem code: a page for a browser, JSON for others.
#[utoipa::path(get, path = "/v1/problems", operation_id = "listProblemCodes", tag = "Problems", security(()),
    responses((status = 200, description = "Every problem code, with what it means.", content(
        (Vec<ProblemPage> = "application/json"),
        (String = "text/html"),
    ))))]
pub async fn list(PageOrJson(is_page): PageOrJson) -> Response {
    let pages: Vec<ProblemPage> = ProblemCode::ALL.iter().copied().map(ProblemPage::from).collect();
    if !is_page {
        return kept(Json(pages).into_response());
    }
    let row = |page: &ProblemPage| {
        let (code, title, explanation) = (escaped(page.code.as_str()), escaped(page.title), escaped(page.explanation));
        format!(
            "<dt><a href=\"{}\"><code>{code}</code></a> {} {title}</dt><dd>{explanation}</dd>",
            page.kind, page.status
        )
    };
    let rows: Vec<String> = pages.iter().map(row).collect();
    html("Problem codes", &format!("<dl>{}</dl>", rows.join("\n")))
}

/// One problem code: a page for a browser, JSON for others.
///
/// The `type` of every problem document leads here.
#[utoipa::path(get, path = "/v1/problems/{code}", operation_id = "getProblemCode", tag = "Problems", security(()),
    params(("code" = String, Path, description = "The code in lower case with hyphens.", example = "not-in-catalogue")),
    responses(
        (status = 200, description = "What the code means.", content(
            (ProblemPage = "application/json"),
            (String = "text/html"),
        )),
        (status = 404, description = "There is no such code.", body = ProblemDocument, content_type = "application/problem+json"),
    ))]
pub async fn page(PageOrJson(is_page): PageOrJson, Segment(code): Segment<String>) -> Result<Response, Failure> {
    let code = ProblemCode::from_slug(&code).ok_or_else(|| Error::not_found(format!("problem code `{code}`")))?;
    let page = ProblemPage::from(code);
    if !is_page {
        return Ok(kept(Json(page).into_response()));
    }
    let example = serde_json::to_string_pretty(&ProblemDocument::new(code, code.explanation())).unwrap_or_default();
    let body = format!(
        "<p><code>{}</code>, status {}</p>\n<p>{}</p>\n<h2>As it comes</h2>\n<pre>{}</pre>\n\
         <p>In GraphQL the code stands in <code>extensions.code</code>; in a report, at each problem.</p>\n\
         <p><a href=\"/v1/problems\">All problem codes</a></p>",
        escaped(code.as_str()),
        code.status(),
        escaped(code.explanation()),
        escaped(&example),
    );
    Ok(html(code.title(), &body))
}

/// Whether a page is wanted, or JSON.
pub struct PageOrJson(bool);

impl<S: Sync> FromRequestParts<S> for PageOrJson {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        match reading::offered(parts, &["application/json", "text/html", "application/problem+json"]) {
            Some(kind) => Ok(Self(kind == "text/html")),
            None => {
                let detail = "This address offers `application/json` and `text/html`.";
                Err(Error::problem(ProblemCode::NotAcceptable, detail).into())
            }
        }
    }
}

/// An answer that changes with the program alone.
fn kept(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    headers.insert(header::VARY, HeaderValue::from_static("Accept, Accept-Encoding"));
    response
}

/// A page that needs nothing from elsewhere.
fn html(title: &str, body: &str) -> Response {
    let title = escaped(title);
    let page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title} – indicator exchange</title>\n\
         <link rel=\"icon\" href=\"data:,\">\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n{body}\n</main>\n</body>\n</html>\n"
    );
    let policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    kept(([(header::CONTENT_SECURITY_POLICY, policy)], Html(page)).into_response())
}

const STYLE: &str = "body{font:1.1rem/1.5 system-ui,sans-serif;margin:0;color:#0b0c0c;background:#fff}main{max-width:46rem;margin:2rem auto;\
                     padding:0 1rem}code,pre{font-family:ui-monospace,monospace;font-size:.95em}pre{background:#f3f2f1;padding:1rem;\
                     overflow-x:auto;white-space:pre-wrap}dt{margin-top:1rem;font-weight:600}dd{margin:0}a{color:#1d70b8}";

/// A text as it stands in a page.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
