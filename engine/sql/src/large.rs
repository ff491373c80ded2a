//! How large values are, and answers with large values in pieces.
//!
//! What arrays hold is not counted by the memory for statements, and a refused allocation ends the process.

use crate::error::{SqlError, SqlErrorKind};
use arrow::array::{Array, ArrayRef, AsArray as _, OffsetSizeTrait};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::DataType;
use arrow::record_batch::RecordBatch;

/// Bytes of a value that is no text or list, at most.
pub const PLAIN_BYTES: usize = 16;
/// Bytes of an answer that are written at once, about, and of one row.
const PIECE_BYTES: usize = 16 << 20;
const ROW_BYTES_MAX: usize = 256 << 20;

/// Bytes of the longest value of a column, about.
pub fn longest(array: &dyn Array) -> usize {
    match array.data_type() {
        DataType::Utf8 => most(array.as_string::<i32>().offsets()),
        DataType::LargeUtf8 => most(array.as_string::<i64>().offsets()),
        DataType::Binary => most(array.as_binary::<i32>().offsets()),
        DataType::LargeBinary => most(array.as_binary::<i64>().offsets()),
        DataType::Utf8View => array.as_string_view().lengths().map(length).max().unwrap_or(0),
        DataType::BinaryView => array.as_binary_view().lengths().map(length).max().unwrap_or(0),
        DataType::List(_) => {
            let list = array.as_list::<i32>();
            most(list.offsets()).saturating_mul(longest(&*held(list.offsets(), list.values())))
        }
        DataType::LargeList(_) => {
            let list = array.as_list::<i64>();
            most(list.offsets()).saturating_mul(longest(&*held(list.offsets(), list.values())))
        }
        DataType::Map(..) => {
            let map = array.as_map();
            most(map.offsets()).saturating_mul(longest(map.entries()))
        }
        DataType::FixedSizeList(_, n) => {
            usize::try_from(*n).unwrap_or(0).saturating_mul(longest(array.as_fixed_size_list().values()))
        }
        DataType::Struct(_) => array.as_struct().columns().iter().map(|column| longest(column)).sum(),
        DataType::Dictionary(..) => longest(array.as_any_dictionary().values()),
        other => other.primitive_width().unwrap_or(PLAIN_BYTES),
    }
}

/// Bytes of a column's rows, without what its buffers hold beside them.
pub fn bytes(array: &dyn Array) -> usize {
    let views = array.len().saturating_mul(PLAIN_BYTES);
    match array.data_type() {
        DataType::Utf8View => array.as_string_view().lengths().map(length).fold(views, usize::saturating_add),
        DataType::BinaryView => {
            array.as_binary_view().lengths().map(length).fold(views, usize::saturating_add)
        }
        DataType::List(_) => {
            let list = array.as_list::<i32>();
            views.saturating_add(bytes(&*held(list.offsets(), list.values())))
        }
        DataType::LargeList(_) => {
            let list = array.as_list::<i64>();
            views.saturating_add(bytes(&*held(list.offsets(), list.values())))
        }
        DataType::Struct(_) => array.as_struct().columns().iter().map(|column| bytes(column)).sum(),
        _ => array.to_data().get_slice_memory_size().unwrap_or_else(|_| array.get_array_memory_size()),
    }
}

/// The last values of lists in lists that a row has, row by row; a value that is no list is one.
pub fn leaves(array: &dyn Array) -> Vec<usize> {
    fn of_lists<O: OffsetSizeTrait>(offsets: &OffsetBuffer<O>, values: &ArrayRef) -> Vec<usize> {
        let mut inner = leaves(&*held(offsets, values)).into_iter();
        offsets.lengths().map(|length| inner.by_ref().take(length).sum()).collect()
    }
    match array.data_type() {
        DataType::List(_) => of_lists(array.as_list::<i32>().offsets(), array.as_list::<i32>().values()),
        DataType::LargeList(_) => of_lists(array.as_list::<i64>().offsets(), array.as_list::<i64>().values()),
        _ => vec![1; array.len()],
    }
}

fn most<O: OffsetSizeTrait>(offsets: &OffsetBuffer<O>) -> usize {
    offsets.lengths().max().unwrap_or(0)
}

/// The values that lists hold, without those of other rows.
fn held<O: OffsetSizeTrait>(offsets: &OffsetBuffer<O>, values: &ArrayRef) -> ArrayRef {
    let first = offsets.first().map_or(0, |first| first.as_usize());
    let last = offsets.last().map_or(first, |last| last.as_usize());
    values.slice(first, last - first)
}

fn length(length: u32) -> usize {
    usize::try_from(length).unwrap_or(usize::MAX)
}

/// How many rows of a batch of an answer may be written at once.
///
/// # Errors
/// A row is too large to be written.
pub fn rows_at_once(batch: &RecordBatch) -> Result<usize, SqlError> {
    let a_row = batch.columns().iter().map(|column| longest(column)).fold(1, usize::saturating_add);
    if a_row > ROW_BYTES_MAX {
        let most = ROW_BYTES_MAX >> 20;
        let message = format!("a row of the answer may have {a_row} bytes where {most} MiB may be");
        let hint = "ask for fewer of the large values in one row".to_owned();
        return Err(SqlError::bound(SqlErrorKind::Memory, "row_bytes", message).hint(Some(hint)));
    }
    Ok((PIECE_BYTES / a_row).max(1))
}

/// A batch of an answer as it is written: whole, or in pieces where its rows are large.
///
/// # Errors
/// A row is too large to be written.
pub fn pieces(batch: RecordBatch) -> Result<impl Iterator<Item = RecordBatch> + Send + use<>, SqlError> {
    let (rows, all) = (rows_at_once(&batch)?, batch.num_rows());
    Ok((0..all).step_by(rows).map(move |from| batch.slice(from, rows.min(all - from))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{Int32Array, ListArray, StringViewArray};
    use arrow::datatypes::{Field, Int32Type};
    use std::sync::Arc;

    fn lists() -> ListArray {
        ListArray::from_iter_primitive::<Int32Type, _, _>([
            Some(vec![Some(1), Some(2), Some(3)]),
            None,
            Some(vec![Some(4)]),
        ])
    }

    #[test]
    fn the_longest_value_is_that_of_the_rows_alone() {
        let texts = StringViewArray::from(vec![Some("một đoạn văn bản dài"), None, Some("ngắn")]);
        assert_eq!(longest(&texts), "một đoạn văn bản dài".len());
        assert_eq!(longest(&texts.slice(1, 2)), "ngắn".len());
        assert_eq!(longest(&lists()), 12);
        assert_eq!(longest(&lists().slice(1, 2)), 4);
        assert_eq!(longest(&Int32Array::from(Vec::<i32>::new())), 4);
    }

    #[test]
    fn rows_of_a_slice_have_their_own_bytes_only() {
        let lists = lists();
        assert!(bytes(&lists.slice(1, 2)) < bytes(&lists));
        let long: StringViewArray = (0..100).map(|_| Some("x".repeat(1_000))).collect();
        assert_eq!(bytes(&long), 100 * 1_016);
        assert_eq!(bytes(&long.slice(3, 1)), 1_016);
    }

    #[test]
    fn lists_in_lists_have_the_values_of_all_levels() {
        let inner = lists();
        let field = Arc::new(Field::new_list_field(inner.data_type().clone(), true));
        let outer = ListArray::new(field, OffsetBuffer::from_lengths([2, 1]), Arc::new(inner), None);
        assert_eq!(leaves(&outer), [3, 1]);
        assert_eq!(leaves(&outer.slice(1, 1)), [1]);
    }

    #[test]
    fn large_rows_are_written_one_by_one_and_too_large_ones_not_at_all() {
        let batch = |letters: usize| {
            let texts: StringViewArray = (0..3).map(|_| Some("x".repeat(letters))).collect();
            RecordBatch::try_from_iter([("x", Arc::new(texts) as ArrayRef)]).unwrap()
        };
        let rows = |letters| -> Vec<usize> {
            pieces(batch(letters)).unwrap().map(|piece| piece.num_rows()).collect()
        };
        assert_eq!(rows(10), [3]);
        assert_eq!(rows(10 << 20), [1, 1, 1]);
        let wide = RecordBatch::try_from_iter(
            (0..30).map(|n| (format!("x{n}"), Arc::clone(batch(10 << 20).column(0)))),
        );
        assert_eq!(pieces(wide.unwrap()).err().and_then(|error| error.bound), Some("row_bytes"));
    }
}
