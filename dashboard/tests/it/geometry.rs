//! The shapes of the shipped city.

use crate::fake::Server;
use crate::shipped;
use flate2::read::GzDecoder;
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::Read as _;
use vonglau_core::wards::WardMap;
use vonglau_dashboard::geometry::smooth::{area, holds};
use vonglau_dashboard::geometry::{Geometry, shapes};

fn read(name: &str) -> String {
    std::fs::read_to_string(shipped::path(name)).unwrap()
}

/// The rings of a row's outline, closed as in GeoJSON.
fn rings(row: &Value) -> Vec<Vec<[f64; 2]>> {
    let polygons: Vec<Vec<Vec<[f64; 2]>>> =
        serde_json::from_value(row["outline"]["coordinates"].clone()).unwrap();
    polygons.into_iter().flatten().collect()
}

#[test]
fn the_committed_outlines_are_current_and_every_area_has_one() {
    let params = shipped::params().unwrap();
    let map = WardMap::new(&params.wards);
    let drawn = shapes::draw(&params, &map);
    assert!(shapes::write(&drawn).unwrap() == read("geometry.json"), "config/geometry.json: run `make gen`");
    assert_eq!((drawn.districts.len(), drawn.wards.len()), (params.districts.len(), params.wards.len()));
    for (district, row) in params.districts.iter().zip(drawn.districts.values()) {
        let polygons = row.geojson()["coordinates"].clone();
        let rings = rings(&serde_json::json!({ "outline": { "coordinates": polygons } }));
        assert!(
            rings.iter().any(|ring| holds(ring, row.label)),
            "{}: its name stands outside",
            district.name_vi
        );
        let km2: f64 = rings.iter().map(|ring| area(ring)).sum::<f64>() * 111.32 * 110.574 * 0.9335;
        let share = km2 / district.area_km2;
        assert!((0.55..1.8).contains(&share), "{}: {km2} of {} km²", district.name_vi, district.area_km2);
    }
}

#[test]
fn neighbours_share_their_border_point_by_point() {
    let params = shipped::params().unwrap();
    let drawn = shapes::draw(&params, &WardMap::new(&params.wards));
    let points = |code: &str| -> BTreeSet<String> {
        let row = serde_json::json!({ "outline": drawn.districts[code].geojson() });
        rings(&row).into_iter().flatten().map(|point| format!("{point:?}")).collect()
    };
    // Hai Bà Trưng and Hoàng Mai.
    assert!(points("007").intersection(&points("008")).count() > 10);
}

#[tokio::test]
async fn geometry_changes_with_its_version_only() {
    let server = Server::start();
    let first = server.get("/api/v1/geometry").send().await.unwrap();
    let tag = first.headers()["etag"].to_str().unwrap().to_owned();
    let body: Value = serde_json::from_str(&first.text().await.unwrap()).unwrap();
    assert_eq!(tag, format!("\"{}\"", body["version"].as_str().unwrap()));
    assert_eq!(body["districts"].as_array().unwrap().len(), server.fake.params.districts.len());
    assert_eq!(body["bounds"].as_array().unwrap().len(), 4);
    assert!(!body["cells"]["8"]["001"].as_array().unwrap().is_empty());
    let again = server.get("/api/v1/geometry").header("if-none-match", &tag).send().await.unwrap();
    assert_eq!(again.status(), 304);
}

#[tokio::test]
async fn who_takes_gzip_gets_a_quarter_of_the_bytes_and_the_same_shapes() {
    let server = Server::start();
    let plain = server.get("/api/v1/geometry").send().await.unwrap();
    assert!(!plain.headers().contains_key("content-encoding"));
    let plain = plain.bytes().await.unwrap();
    let packed = server.get("/api/v1/geometry").header("accept-encoding", "br, gzip").send().await.unwrap();
    let about = packed.headers().clone();
    assert_eq!(about["content-encoding"], "gzip");
    assert_eq!(about["vary"], "accept-encoding");
    let packed = packed.bytes().await.unwrap();
    assert!(packed.len() * 4 < plain.len(), "{} of {} bytes", packed.len(), plain.len());
    let mut unpacked = Vec::new();
    GzDecoder::new(&*packed).read_to_end(&mut unpacked).unwrap();
    assert!(unpacked == plain, "the packed answer says something else");
    let tag = about["etag"].to_str().unwrap();
    assert!(tag.starts_with("W/"), "{tag} names two forms");
    let again = server.get("/api/v1/geometry").header("if-none-match", tag).send().await.unwrap();
    assert_eq!(again.status(), 304);
}

#[test]
fn outlines_of_other_wards_are_not_used() {
    let mut params = shipped::params().unwrap();
    params.wards.retain(|ward| &*ward.district == "001");
    let map = WardMap::new(&params.wards);
    let build =
        |outlines: Option<&str>| format!("{:?}", Geometry::build(&params, &map, outlines, None).unwrap());
    assert_eq!(build(None), build(Some(&read("geometry.json"))));
    assert!(Geometry::build(&params, &map, Some("{}"), None).is_err());
}

#[test]
fn landmarks_are_marked_as_approximate_and_lie_in_the_city() {
    let landmarks: Value = serde_json::from_str(&read("landmarks.geojson")).unwrap();
    let features = landmarks["features"].as_array().unwrap();
    assert_eq!(features.len(), 2);
    for feature in features {
        assert_eq!(feature["properties"]["approximate"], true);
    }
}
