//! Mistakes in the configuration end the service before it begins.

use std::process::Output;
use tokio::process::Command;
use vonglau_tests::binary;

async fn run(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    Command::new(binary()).args(arguments).envs(environment.iter().copied()).output().await.unwrap()
}

#[tokio::test]
async fn an_address_for_all_needs_to_be_allowed() {
    let refused = run(&["serve", "--http", "0.0.0.0:0", "--data", "/nonexistent"], &[]).await;
    assert_eq!(refused.status.code(), Some(2));
    let told = String::from_utf8(refused.stderr).unwrap();
    assert!(told.contains("http.listen") && told.contains("--allow-anonymous"), "{told}");
}

#[tokio::test]
async fn an_unknown_key_is_told_with_the_nearest_one() {
    let refused = run(&["check-config"], &[("VONGLAU_CONTACTS__CONTACT_MINS", "5")]).await;
    assert_eq!(refused.status.code(), Some(1));
    let told = String::from_utf8(refused.stderr).unwrap();
    assert!(told.contains("VONGLAU_CONTACTS__CONTACT_MIN`"), "{told}");
}

#[tokio::test]
async fn the_configuration_in_force_is_printed_with_its_origins() {
    let printed = run(&["config"], &[("VONGLAU_CONTACTS__CONTACT_MIN", "10")]).await;
    assert!(printed.status.success());
    let text = String::from_utf8(printed.stdout).unwrap();
    assert!(text.contains("contact_min = 10  # environment VONGLAU_CONTACTS__CONTACT_MIN"), "{text}");
}
