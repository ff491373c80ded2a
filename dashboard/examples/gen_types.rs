//! Writes the TypeScript types of the web app; run by `make gen`.

fn main() -> std::io::Result<()> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/web/src/wire.gen.ts");
    std::fs::write(path, vonglau_dashboard::wire::typescript::typescript())
}
