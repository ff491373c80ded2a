//! Makes the folder of the built web app where it is not there yet, so that Rust builds without Node.

fn main() -> std::io::Result<()> {
    std::fs::create_dir_all("web/dist")?;
    println!("cargo::rerun-if-changed=web/dist");
    Ok(())
}
