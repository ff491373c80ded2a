use super::*;
use arrow::array::{Float64Array, Int64Array};
use std::sync::Arc;

fn total(kind: Kind, come: &[f64], gone: &[f64]) -> ScalarValue {
    let mut total = Total::new(kind, DataType::Float64, gone.is_empty());
    for (values, comes) in [(come, true), (gone, false)] {
        let array: ArrayRef = Arc::new(Float64Array::from(values.to_vec()));
        (0..values.len()).for_each(|row| total.take(&array, row, comes).unwrap());
    }
    total.value().unwrap()
}

#[test]
fn what_came_and_went_leaves_nothing_behind() {
    let (many, one) = ([0.1, 1e9, 0.123, -7.25, 1e-3], [0.1, 1e9, -7.25, 1e-3]);
    assert_eq!(total(Kind::Sum, &many, &one), ScalarValue::Float64(Some(0.123)));
    assert_eq!(total(Kind::Avg, &many, &one), ScalarValue::Float64(Some(0.123)));
    assert_eq!(total(Kind::Sum, &many, &many), ScalarValue::Float64(None));
    assert_eq!(total(Kind::Count, &many, &one), ScalarValue::Int64(Some(1)));
}

#[test]
fn the_next_is_least_when_the_least_goes() {
    assert_eq!(total(Kind::Min, &[3.0, 1.0, 1.0, 2.0], &[1.0]), ScalarValue::Float64(Some(1.0)));
    assert_eq!(total(Kind::Min, &[3.0, 1.0, 1.0, 2.0], &[1.0, 1.0]), ScalarValue::Float64(Some(2.0)));
    assert_eq!(total(Kind::Max, &[3.0, 1.0], &[3.0]), ScalarValue::Float64(Some(1.0)));
    assert_eq!(total(Kind::Max, &[3.0], &[3.0]), ScalarValue::Float64(None));
}

#[test]
fn a_real_is_held_exactly_or_not_at_all() {
    for value in [0.0, -0.0, 1.0, -2.5, 0.001, 960.125, 1e11, 105.8525, -1e-3, f64::from(u32::MAX)] {
        assert!((real(scaled(value).unwrap()) - value).abs() < f64::MIN_POSITIVE, "{value}");
    }
    for value in [f64::NAN, f64::INFINITY, 1e300, 1e-30, 0.1 * 1e-9] {
        assert_eq!(scaled(value), None, "{value}");
    }
}

#[test]
fn where_values_only_come_one_extreme_is_held() {
    let mut total = Total::new(Kind::Max, DataType::Int64, true);
    total.know(Known::Value(ScalarValue::Int64(Some(7)))).unwrap();
    total.know(Known::Value(ScalarValue::Int64(None))).unwrap();
    let array: ArrayRef = Arc::new(Int64Array::from(vec![Some(3), None, Some(9)]));
    (0..3).for_each(|row| total.take(&array, row, true).unwrap());
    assert_eq!((total.value().unwrap(), total.held()), (ScalarValue::Int64(Some(9)), 1));
}

#[test]
fn what_is_known_and_what_comes_make_one_total() {
    let array: ArrayRef = Arc::new(Float64Array::from(vec![0.5]));
    let mut total = Total::new(Kind::Avg, DataType::Float64, true);
    total.know(Known::Sum(3, 10)).unwrap();
    total.take(&array, 0, true).unwrap();
    assert_eq!(total.value().unwrap(), ScalarValue::Float64(Some(2.625)));
    let mut total = Total::new(Kind::Sum, DataType::Float64, true);
    (0..2).for_each(|_| total.know(Known::Sum(1, i64::MIN)).unwrap_or_default());
    assert!(total.know(Known::Sum(1, i64::MIN)).is_err(), "it does not fit");
}

#[test]
fn different_values_are_counted_once_as_long_as_one_of_them_is_there() {
    let mut total = Total::new(Kind::Distinct, DataType::Int64, false);
    let array: ArrayRef = Arc::new(Int64Array::from(vec![Some(1), Some(1), None, Some(2)]));
    (0..4).for_each(|row| total.take(&array, row, true).unwrap());
    assert_eq!(total.value().unwrap(), ScalarValue::Int64(Some(2)));
    total.take(&array, 0, false).unwrap();
    assert_eq!(total.value().unwrap(), ScalarValue::Int64(Some(2)));
    total.take(&array, 1, false).unwrap();
    assert_eq!(total.value().unwrap(), ScalarValue::Int64(Some(1)));
}

#[test]
fn whole_numbers_are_summed_as_such() {
    let mut total = Total::new(Kind::Sum, DataType::Int64, false);
    let array: ArrayRef = Arc::new(Int64Array::from(vec![Some(i64::MAX), None, Some(-1)]));
    (0..3).for_each(|row| total.take(&array, row, true).unwrap());
    assert_eq!(total.value().unwrap(), ScalarValue::Int64(Some(i64::MAX - 1)));
}
