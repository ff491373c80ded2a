//! The description of the whole HTTP contract (OpenAPI 3.1), and a page of our own that shows it.

use axum::http::{HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};

const PATHS: &str = include_str!("openapi/paths.json");
const SCHEMAS: &str = include_str!("openapi/schemas.json");
const PAGE: &str = include_str!("openapi/page.html");
/// Files of their own: the policy of the pages allows no style and no script within them.
const STYLE: &str = include_str!("openapi/page.css");
const SCRIPT: &str = include_str!("openapi/page.js");

/// The document as JSON.
pub fn text() -> String {
    let title = "Vọng Lâu";
    let version = env!("CARGO_PKG_VERSION");
    let description = "Bức tranh sống của thành phố từ lượt quét, ca bệnh, tiêm chủng và sổ bộ. · \
                       One living picture of a city out of check-ins, cases, vaccination and registers.";
    format!(
        r#"{{"openapi":"3.1.0","info":{{"title":"{title}","version":"{version}","description":"{description}"}},"paths":{PATHS},"components":{{"schemas":{SCHEMAS}}}}}"#
    )
}

/// `GET /openapi.json`
pub async fn document() -> Response {
    of_type("application/json", text())
}

/// `GET /openapi`
pub async fn page() -> Html<&'static str> {
    Html(PAGE)
}

/// `GET /openapi/page.css`
pub async fn style() -> Response {
    of_type("text/css; charset=utf-8", STYLE)
}

/// `GET /openapi/page.js`
pub async fn script() -> Response {
    of_type("text/javascript; charset=utf-8", SCRIPT)
}

fn of_type(media_type: &'static str, body: impl IntoResponse) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static(media_type))], body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn references<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
        match value {
            Value::Object(fields) => {
                found.extend(fields.get("$ref").and_then(Value::as_str));
                fields.values().for_each(|value| references(value, found));
            }
            Value::Array(items) => items.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }

    #[test]
    fn the_document_is_json_and_every_reference_leads_somewhere() {
        let document: Value = serde_json::from_str(&text()).unwrap();
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(found.len() > 30);
        for reference in found {
            let place = reference.strip_prefix('#').unwrap();
            assert!(document.pointer(place).is_some(), "{reference}");
        }
    }

    #[test]
    fn every_path_has_an_answer_and_its_variables_are_described() {
        let document: Value = serde_json::from_str(&text()).unwrap();
        for (path, methods) in document["paths"].as_object().unwrap() {
            for (method, operation) in methods.as_object().unwrap() {
                assert!(operation["responses"].is_object(), "{method} {path}");
                assert!(operation["summary"].as_str().unwrap().contains(" · "), "{path}: both languages");
                let described = operation["parameters"].as_array().into_iter().flatten();
                let in_path = described.filter(|p| p["in"] == "path").count();
                assert_eq!(in_path, path.matches('{').count(), "{method} {path}");
            }
        }
    }

    #[test]
    fn the_page_asks_nobody_outside() {
        let files = [PAGE, STYLE, SCRIPT].concat();
        assert!(!files.contains("http://") && !files.contains("https://") && !files.contains("//cdn"));
    }
}
