//! Who is let in before there are accounts.

use vonglau_tests::City;

#[tokio::test]
async fn names_that_are_not_loopback_are_turned_away() {
    let city = City::by_events().await;
    for path in ["/", "/api/v1/city", "/healthz", "/v1/events"] {
        assert_eq!(city.server.get_with(path, "host", "vonglau.example").await.status, 403, "{path}");
        assert_eq!(city.server.get_with(path, "origin", "http://evil.example").await.status, 403, "{path}");
    }
    assert_eq!(city.server.get_with("/healthz", "host", "localhost:8080").await.status, 200);
    assert_eq!(city.server.get_with("/healthz", "origin", "http://127.0.0.1:5173").await.status, 200);
}

#[tokio::test]
async fn an_open_service_lets_everybody_in_and_says_so() {
    let city = City::start(&[("VONGLAU_ACCESS__OPEN", "true")]).await;
    assert_eq!(city.server.get_with("/healthz", "host", "vonglau.example").await.status, 200);
    assert_eq!(city.get("/api/v1/status").await["access_open"], serde_json::json!(true));
}
