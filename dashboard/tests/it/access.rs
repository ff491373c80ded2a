//! Who may ask, and what every answer carries.

use crate::fake::{Server, answer};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, http};

#[tokio::test]
async fn another_name_or_another_sites_page_is_answered_403() {
    let server = Server::start();
    for (header, value) in [
        ("host", "vonglau.example.org"),
        ("host", "192.168.1.7:8080"),
        ("origin", "https://example.org"),
        ("origin", "null"),
        ("origin", "http://localhost.example.org"),
    ] {
        for path in ["/api/v1/city", "/", "/healthz", "/nothing"] {
            let (status, problem) = answer(server.get(path).header(header, value)).await;
            assert_eq!((status, &problem["status"]), (403, &403.into()), "{header}: {value} {path}");
        }
    }
}

#[tokio::test]
async fn loopback_names_are_answered() {
    let server = Server::start();
    for (header, value) in [
        ("host", "localhost"),
        ("host", "localhost:9999"),
        ("host", "127.1.2.3:80"),
        ("host", "[::1]:80"),
        ("origin", "http://localhost:5173"),
        ("origin", "http://127.0.0.1"),
    ] {
        assert_eq!(
            answer(server.get("/api/v1/city").header(header, value)).await.0,
            200,
            "{header}: {value}"
        );
    }
}

#[tokio::test]
async fn an_open_service_answers_everybody() {
    let server = Server::open();
    let request = server.get("/api/v1/city").header("host", "vonglau.example.org").header("origin", "null");
    assert_eq!(answer(request).await.0, 200);
}

#[tokio::test]
async fn another_sites_page_gets_no_websocket() {
    let server = Server::start();
    let mut request = format!("ws://{}/ws", server.address).into_client_request().unwrap();
    request.headers_mut().insert("origin", http::HeaderValue::from_static("https://example.org"));
    match connect_async(request).await {
        Err(Error::Http(response)) => assert_eq!(response.status(), 403),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_personal_number_in_a_path_is_answered_400_and_not_repeated() {
    let server = Server::start();
    for path in
        ["/api/v1/cases/001099012345/contacts", "/api/v1/persons/001099012345/visits", "/001099012345"]
    {
        let (status, problem) = answer(server.get(path)).await;
        assert_eq!(status, 400, "{path}");
        assert!(!problem.to_string().contains("001099012345"), "{problem}");
    }
}

#[tokio::test]
async fn every_answer_forbids_what_comes_from_elsewhere() {
    let server = Server::start();
    for path in ["/", "/api/v1/city", "/nothing"] {
        let response = server.get(path).send().await.unwrap();
        let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
        assert!(header("content-security-policy").starts_with("default-src 'self'"), "{path}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
    }
}

#[tokio::test]
async fn the_app_answers_at_the_root_and_at_a_districts_desk() {
    let server = Server::start();
    let mut pages = Vec::new();
    for path in ["/", "/district/007"] {
        let response = server.get(path).send().await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/html"), "{path}");
        pages.push(response.text().await.unwrap());
    }
    assert_eq!(pages[0], pages[1]);
    assert_eq!(answer(server.get("/district/007/more")).await.0, 404);
}
