//! Writes `config/geometry.json`, the smoothed outlines of the shipped districts and wards; run by `make gen`.

#[path = "../tests/it/shipped.rs"]
mod shipped;

use vonglau_core::wards::WardMap;
use vonglau_dashboard::geometry::shapes;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let params = shipped::params()?;
    let drawn = shapes::draw(&params, &WardMap::new(&params.wards));
    std::fs::write(shipped::path("geometry.json"), shapes::write(&drawn)?)?;
    Ok(())
}
