//! The committed TypeScript types.

#[test]
fn the_types_of_the_web_app_are_current() {
    let committed = include_str!("../../web/src/wire.gen.ts");
    let current = vonglau_dashboard::wire::typescript::typescript();
    assert!(
        committed == current,
        "dashboard/web/src/wire.gen.ts is not current: run `make gen` and commit it"
    );
}
