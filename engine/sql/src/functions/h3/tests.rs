use std::sync::Arc;

use arrow::array::{
    DictionaryArray, LargeStringArray, RecordBatch, StringArray, StringViewArray, UInt64Array,
};
use arrow::datatypes::Int8Type;

use super::super::testing::{Session, context, fails, one};
use super::*;

/// Hoàn Kiếm lake.
const LAKE: (f64, f64) = (21.0285, 105.8542);

fn lake(resolution: Resolution) -> CellIndex {
    LatLng::new(LAKE.0, LAKE.1).unwrap().to_cell(resolution)
}

#[tokio::test]
async fn a_point_lies_in_the_cell_that_h3_says() {
    for resolution in Resolution::range(Resolution::Zero, Resolution::Fifteen) {
        let cell = lake(resolution);
        assert_eq!(one(&format!("h3_cell(21.0285, 105.8542, {resolution})")).await, cell.to_string());
        let number = u64::from(cell).to_string();
        assert_eq!(one(&format!("h3_cell_int(21.0285, 105.8542, {resolution})")).await, number);
    }
    // From H3's own documentation.
    assert_eq!(one("h3_cell(37.3615593, -122.0553238, 5)").await, "85283473fffffff");
    assert_eq!(one("h3_cell_int(37.3615593, -122.0553238, 5)").await, "599686042433355775");
    assert_eq!(one("h3_cell(0, 0, 1)").await, "81757ffffffffff");
}

#[tokio::test]
async fn null_in_is_null_out() {
    for call in [
        "h3_cell(NULL, 105.0, 8)",
        "h3_cell(21.0, NULL, 8)",
        "h3_cell(21.0, 105.0, NULL)",
        "h3_cell_int(NULL, NULL, NULL)",
        "h3_parent(NULL, 5)",
        "h3_parent('85283473fffffff', NULL)",
        "h3_distance(NULL, '85283473fffffff')",
        "h3_distance('85283473fffffff', NULL)",
        "h3_disk(NULL, 1)",
        "h3_disk('85283473fffffff', NULL)",
        "h3_to_geojson(NULL)",
        "h3_to_int(NULL)",
        "h3_to_text(NULL)",
        "h3_lat(NULL)",
        "h3_lon(NULL)",
        "h3_resolution(NULL)",
    ] {
        assert_eq!(one(call).await, "", "{call}");
    }
}

#[tokio::test]
async fn what_is_no_cell_names_the_function() {
    for (call, told) in [
        ("h3_parent('xyz', 5)", "h3_parent: \"xyz\" is not an H3 cell"),
        ("h3_parent('', 5)", "h3_parent: \"\" is not an H3 cell"),
        ("h3_parent(12345, 5)", "h3_parent: 12345 is not the number of an H3 cell"),
        ("h3_distance('85283473fffffff', 'x')", "h3_distance: \"x\" is not"),
        ("h3_disk(-1, 1)", "h3_disk: -1 is not"),
        ("h3_to_geojson('ffffffffffffffff')", "h3_to_geojson: "),
        ("h3_lat('0x85283473fffffff')", "h3_lat: "),
        // An edge of H3 is not a cell.
        ("h3_resolution('115283473fffffff')", "h3_resolution: "),
        ("h3_cell(21.0, 105.0, 16)", "h3_cell: resolution 16 is not between 0 and 15"),
        ("h3_cell(21.0, 105.0, -1)", "h3_cell: resolution -1 is not between 0 and 15"),
        ("h3_parent('85283473fffffff', 300)", "h3_parent: resolution 300 is not between 0 and 15"),
        ("h3_parent('85283473fffffff', 6)", "resolution 6 is finer than that of 85283473fffffff, which is 5"),
        ("h3_cell(105.8542, 21.0285, 8)", "(105.8542, 21.0285) is no point: first the latitude"),
        ("h3_cell('NaN'::double, 21.0, 8)", "is no point"),
        ("h3_cell(21.0, 180.5, 8)", "is no point"),
        ("h3_cell(21.0, 105.0)", "h3_cell takes 3 arguments, not 2: h3_cell(lat double precision, "),
        ("h3_cell('21', 105.0, 8)", "argument 1 (lat) of h3_cell is double precision, not text"),
        (
            "h3_parent('85283473fffffff', 1.5)",
            "argument 2 (res) of h3_parent is bigint, not double precision",
        ),
        ("h3_parent(1.5, 1)", "argument 1 (cell) of h3_parent is text|bigint, not double precision"),
        ("h3_disk('85283473fffffff', 21)", "h3_disk: k is 21, but must be between 0 and 20"),
        ("h3_disk('85283473fffffff', -1)", "h3_disk: k is -1, but must be between 0 and 20"),
        ("h3_distance('85283473fffffff', '862834707ffffff')", "h3_parent brings them to one"),
    ] {
        let error = fails(call).await;
        assert!(error.contains(told), "{call}: {error}");
    }
}

#[tokio::test]
async fn both_forms_of_a_cell_turn_into_each_other() {
    assert_eq!(one("h3_to_int('85283473fffffff')").await, "599686042433355775");
    assert_eq!(one("h3_to_text(599686042433355775)").await, "85283473fffffff");
    assert_eq!(one("h3_to_text('85283473FFFFFFF')").await, "85283473fffffff");
    assert_eq!(one("h3_to_int(599686042433355775)").await, "599686042433355775");
    assert_eq!(one("h3_resolution(599686042433355775)").await, "5");
    assert_eq!(one("h3_parent('85283473fffffff', 3)").await, "832834fffffffff");
    assert_eq!(one("h3_to_text(h3_parent(599686042433355775, 3))").await, "832834fffffffff");
    assert_eq!(one("arrow_typeof(h3_parent(599686042433355775, 3))").await, "Int64");
    assert_eq!(one("h3_parent('85283473fffffff', 5)").await, "85283473fffffff");
}

/// All forms in which a cell may be stored, and the type that `h3_parent` gives back.
#[tokio::test]
async fn every_encoding_of_a_column_comes_back_as_it_came() {
    let (a, b) = (lake(Resolution::Nine), Resolution::Nine.pentagons().next().unwrap());
    let (text_a, text_b) = (a.to_string(), b.to_string());
    let texts = vec![Some(text_a.as_str()), None, Some(text_b.as_str()), Some(text_a.as_str())];
    let numbers = vec![Some(u64::from(a)), None, Some(u64::from(b)), Some(u64::from(a))];
    let signed: Int64Array = numbers.iter().map(|n| n.map(|n| i64::try_from(n).unwrap())).collect();
    let columns: [(&str, ArrayRef); 6] = [
        ("short", Arc::new(StringArray::from(texts.clone()))),
        ("large", Arc::new(LargeStringArray::from(texts.clone()))),
        ("view", Arc::new(StringViewArray::from(texts.clone()))),
        ("dictionary", Arc::new(texts.into_iter().collect::<DictionaryArray<Int8Type>>())),
        ("signed", Arc::new(signed)),
        ("number", Arc::new(UInt64Array::from(numbers))),
    ];
    let types = columns.each_ref().map(|(_, column)| column.data_type().clone());
    let names = columns.each_ref().map(|(name, _)| *name);
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let context = context("Asia/Ho_Chi_Minh");
    context.register_batch("cells", batch).unwrap();
    for (name, form) in names.into_iter().zip(types) {
        for res in ["7", "h3_resolution(short) - 2"] {
            let sql = format!(
                "SELECT h3_parent({name}, {res}) AS parent, h3_to_text(h3_parent({name}, {res})) AS text FROM cells"
            );
            let batches = context.sql(&sql).await.unwrap().collect().await.unwrap();
            assert_eq!(batches[0].column(0).data_type(), &form, "{name}");
            let parents = read("test", batches[0].column(0)).unwrap();
            let expected =
                [Some(a), None, Some(b), Some(a)].map(|cell| cell.and_then(|c| c.parent(Resolution::Seven)));
            assert_eq!(parents, expected, "{name}");
            assert_eq!(read("test", batches[0].column(1)).unwrap(), expected, "{name}");
        }
        let sql = format!("SELECT sum(h3_distance({name}, short)), count(h3_lat({name})) FROM cells");
        let batches = context.sql(&sql).await.unwrap().collect().await.unwrap();
        let sum = batches[0].column(0).as_primitive::<arrow::datatypes::Int64Type>().value(0);
        assert_eq!(sum, 0, "{name}");
    }
}

#[tokio::test]
async fn a_distance_counts_steps_and_is_null_where_h3_cannot_tell() {
    let session = Session::new();
    let ring = "SELECT h3_distance(h3_cell(21.0285, 105.8542, 8), c) AS d, count(*) FROM \
                (SELECT unnest(h3_disk(h3_cell(21.0285, 105.8542, 8), 3)) AS c) GROUP BY d ORDER BY d";
    assert_eq!(session.rows(ring).await, ["0|1", "1|6", "2|12", "3|18"]);
    // Two ends of the earth.
    assert_eq!(one("h3_distance(h3_cell(21.0, 105.0, 8), h3_cell(-21.0, -75.0, 8))").await, "");
}

#[tokio::test]
async fn a_disk_holds_its_cell_and_all_around_it() {
    assert_eq!(one("h3_disk('85283473fffffff', 0)").await, "[85283473fffffff]");
    assert_eq!(one("h3_disk(599686042433355775, 0)").await, "[599686042433355775]");
    for (k, cells) in [(0, 1), (1, 7), (2, 19), (20, 1_261)] {
        let sql = format!("cardinality(h3_disk(h3_cell(21.0285, 105.8542, 8), {k}))");
        assert_eq!(one(&sql).await, cells.to_string());
    }
    // A pentagon has five neighbours.
    for resolution in [Resolution::Zero, Resolution::Eight, Resolution::Fifteen] {
        let pentagon = resolution.pentagons().next().unwrap();
        assert_eq!(one(&format!("cardinality(h3_disk('{pentagon}', 1))")).await, "6");
        assert_eq!(one(&format!("h3_disk('{pentagon}', 0)")).await, format!("[{pentagon}]"));
    }
}

#[tokio::test]
async fn an_outline_is_a_closed_ring_around_the_centre() {
    let pentagon = Resolution::Nine.pentagons().next().unwrap();
    for cell in [lake(Resolution::Nine), lake(Resolution::Zero), pentagon] {
        let json: serde_json::Value =
            serde_json::from_str(&one(&format!("h3_to_geojson('{cell}')")).await).unwrap();
        assert_eq!(json["type"], "Polygon");
        let ring = json["coordinates"][0].as_array().unwrap();
        assert_eq!(ring.len(), cell.boundary().len() + 1);
        assert_eq!(ring.first(), ring.last());
        let corner = cell.boundary()[0];
        assert!((ring[0][0].as_f64().unwrap() - corner.lng()).abs() < 1e-6);
        assert!((ring[0][1].as_f64().unwrap() - corner.lat()).abs() < 1e-6);
    }
    let cell = lake(Resolution::Nine);
    let lat: f64 = one(&format!("h3_lat('{cell}')")).await.parse().unwrap();
    let lon: f64 = one(&format!("h3_lon('{cell}')")).await.parse().unwrap();
    assert!((lat - LAKE.0).abs() < 0.003 && (lon - LAKE.1).abs() < 0.003, "{lat} {lon}");
}

#[test]
fn no_pair_of_cells_makes_a_panic() {
    // A fixed walk over the earth, by the multiplier of Knuth's MMIX.
    let mut state = 1_u64;
    let mut next = |span: f64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (f64::from(u32::try_from(state >> 32).unwrap()) / f64::from(u32::MAX) - 0.5) * span
    };
    for round in 0..20_000_u32 {
        let resolution = Resolution::try_from(u8::try_from(round % 16).unwrap()).unwrap();
        let from = LatLng::new(next(180.0), next(360.0)).unwrap().to_cell(resolution);
        let to = if round % 3 == 0 {
            resolution.pentagons().nth(usize::try_from(round % 12).unwrap()).unwrap()
        } else {
            LatLng::new(next(180.0), next(360.0)).unwrap().to_cell(resolution)
        };
        if let Ok(steps) = from.grid_distance(to) {
            assert!(steps >= 0);
        }
        if let Ok(steps) = to.grid_distance(from) {
            assert!(steps >= 0);
        }
        assert!(from.boundary().len() >= 5);
    }
}
