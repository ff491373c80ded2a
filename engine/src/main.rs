//! The binary `vonglau`.
fn main() {}
