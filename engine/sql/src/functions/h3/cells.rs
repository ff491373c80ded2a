//! Columns of H3 cells, in and out: as text (15 hexadecimal digits) or as the 64-bit number.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, GenericStringArray, GenericStringBuilder, Int64Builder,
    OffsetSizeTrait, StringViewArray, UInt64Builder,
};
use arrow::compute::nullif;
use arrow::datatypes::{DataType, Int64Type, UInt64Type};
use datafusion::common::{Result, exec_datafusion_err, exec_err, internal_err};
use h3o::{CellIndex, Resolution};

/// All cells of a column, null where it is null. What is no cell is an error that names the function.
pub(super) fn read(name: &str, array: &dyn Array) -> Result<Vec<Option<CellIndex>>> {
    match array.data_type() {
        DataType::Utf8 => each(array.as_string::<i32>().iter(), |text| parse(name, text)),
        DataType::LargeUtf8 => each(array.as_string::<i64>().iter(), |text| parse(name, text)),
        DataType::Utf8View => each(array.as_string_view().iter(), |text| parse(name, text)),
        DataType::Int64 => each(array.as_primitive::<Int64Type>().iter(), |cell| signed(name, cell)),
        DataType::UInt64 => each(array.as_primitive::<UInt64Type>().iter(), |cell| number(name, cell)),
        DataType::Dictionary(_, _) => {
            let cells = read(name, &used_values(array)?)?;
            let keys = array.as_any_dictionary();
            if cells.is_empty() {
                return Ok(vec![None; array.len()]);
            }
            let places = keys.normalized_keys().into_iter().enumerate();
            Ok(places.map(|(row, key)| cells[key].filter(|_| !keys.keys().is_null(row))).collect())
        }
        other => internal_err!("{name}: {other} holds no cells"),
    }
}

/// The values of a dictionary, null where no row uses them, so that a value nobody asked about is no error.
pub(super) fn used_values(array: &dyn Array) -> Result<ArrayRef> {
    let dictionary = array.as_any_dictionary();
    let values = dictionary.values();
    if values.is_empty() {
        return Ok(Arc::clone(values));
    }
    let mut unused = vec![true; values.len()];
    for (row, key) in dictionary.normalized_keys().into_iter().enumerate() {
        if !dictionary.keys().is_null(row) {
            unused[key] = false;
        }
    }
    Ok(nullif(values, &BooleanArray::from(unused))?)
}

fn each<T>(
    values: impl ExactSizeIterator<Item = Option<T>>,
    cell: impl Fn(T) -> Result<CellIndex>,
) -> Result<Vec<Option<CellIndex>>> {
    let mut cells = Vec::with_capacity(values.len());
    for value in values {
        cells.push(value.map(&cell).transpose()?);
    }
    Ok(cells)
}

fn parse(name: &str, text: &str) -> Result<CellIndex> {
    if let Some(Ok(cell)) = hexadecimal(text).map(CellIndex::try_from) {
        Ok(cell)
    } else {
        exec_err!("{name}: {text:?} is not an H3 cell (15 hexadecimal digits, like 8841562945fffff)")
    }
}

/// The value of each hexadecimal digit; more than 15 for what is none.
static VALUES: [u8; 256] = {
    let mut values = [0x10; 256];
    let mut value = 0;
    while value < DIGITS.len() {
        values[DIGITS[value] as usize] = NIBBLES[value];
        values[DIGITS[value].to_ascii_uppercase() as usize] = NIBBLES[value];
        value += 1;
    }
    values
};
const DIGITS: &[u8; 16] = b"0123456789abcdef";
const NIBBLES: [u8; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

/// Without a branch a digit, as this is asked once a row.
fn hexadecimal(text: &str) -> Option<u64> {
    if text.is_empty() || text.len() > 16 {
        return None;
    }
    let (mut sum, mut wrong) = (0_u64, 0_u8);
    for digit in text.bytes() {
        let value = VALUES[usize::from(digit)];
        wrong |= value & 0x10;
        sum = sum << 4 | u64::from(value & 0xF);
    }
    (wrong == 0).then_some(sum)
}

fn signed(name: &str, cell: i64) -> Result<CellIndex> {
    if let Ok(Ok(cell)) = u64::try_from(cell).map(CellIndex::try_from) {
        Ok(cell)
    } else {
        exec_err!("{name}: {cell} is not the number of an H3 cell")
    }
}

fn number(name: &str, cell: u64) -> Result<CellIndex> {
    CellIndex::try_from(cell).or_else(|_| exec_err!("{name}: {cell} is not the number of an H3 cell"))
}

/// A resolution, 0-15.
pub(super) fn resolution(name: &str, resolution: i64) -> Result<Resolution> {
    if let Ok(Ok(resolution)) = u8::try_from(resolution).map(Resolution::try_from) {
        Ok(resolution)
    } else {
        exec_err!("{name}: resolution {resolution} is not between 0 and 15")
    }
}

/// A cell as it is written, in a buffer of its own.
pub(super) struct Digits([u8; 15]);

impl Digits {
    pub(super) fn of(cell: CellIndex) -> Self {
        // The highest four bits of a cell are 0.
        let mut rest = u64::from(cell);
        let mut text = [b'0'; 15];
        for place in text.iter_mut().rev() {
            *place = usize::try_from(rest & 0xF).map_or(b'0', |digit| DIGITS[digit]);
            rest >>= 4;
        }
        Self(text)
    }

    pub(super) fn text(&self) -> Result<&str> {
        std::str::from_utf8(&self.0).map_err(|error| exec_datafusion_err!("a cell as text: {error}"))
    }
}

/// A column of cells in the given form.
pub(super) fn write<I>(form: &DataType, cells: I) -> Result<ArrayRef>
where
    I: ExactSizeIterator<Item = Result<Option<CellIndex>>>,
{
    match form {
        // One buffer for all and then the views into it: quicker than text by text.
        DataType::Utf8View => Ok(Arc::new(StringViewArray::from(&plain::<i32>(cells)?))),
        DataType::Utf8 => Ok(Arc::new(plain::<i32>(cells)?)),
        DataType::LargeUtf8 => Ok(Arc::new(plain::<i64>(cells)?)),
        DataType::Int64 => {
            let mut numbers = Int64Builder::with_capacity(cells.len());
            for cell in cells {
                numbers.append_option(cell?.map(to_signed).transpose()?);
            }
            Ok(Arc::new(numbers.finish()))
        }
        DataType::UInt64 => {
            let mut numbers = UInt64Builder::with_capacity(cells.len());
            for cell in cells {
                numbers.append_option(cell?.map(u64::from));
            }
            Ok(Arc::new(numbers.finish()))
        }
        DataType::Dictionary(_, values) => Ok(arrow::compute::cast(&write(values, cells)?, form)?),
        other => internal_err!("{other} holds no cells"),
    }
}

fn plain<O: OffsetSizeTrait>(
    cells: impl ExactSizeIterator<Item = Result<Option<CellIndex>>>,
) -> Result<GenericStringArray<O>> {
    let mut texts = GenericStringBuilder::<O>::with_capacity(cells.len(), cells.len() * 15);
    for cell in cells {
        match cell?.map(Digits::of) {
            Some(digits) => texts.append_value(digits.text()?),
            None => texts.append_null(),
        }
    }
    Ok(texts.finish())
}

/// The number of a cell; it always fits, as the highest bit of a cell is 0.
fn to_signed(cell: CellIndex) -> Result<i64> {
    i64::try_from(u64::from(cell)).map_err(|error| exec_datafusion_err!("a cell as a number: {error}"))
}

#[cfg(test)]
mod tests {
    use arrow::array::{DictionaryArray, Int8Array, StringArray};

    use super::*;

    #[test]
    fn a_cell_is_written_as_h3_writes_it() {
        for resolution in Resolution::range(Resolution::Zero, Resolution::Fifteen) {
            let cell = h3o::LatLng::new(21.0285, 105.8542).unwrap().to_cell(resolution);
            assert_eq!(Digits::of(cell).text().unwrap(), cell.to_string());
            assert_eq!(parse("f", &cell.to_string()).unwrap(), cell);
            assert_eq!(parse("f", &format!("0{cell:X}")).unwrap(), cell);
            for pentagon in resolution.pentagons() {
                assert_eq!(parse("f", Digits::of(pentagon).text().unwrap()).unwrap(), pentagon);
            }
        }
    }

    #[test]
    fn what_is_no_cell_is_an_error() {
        for text in
            ["", " ", "xyz", "+88283082b9fffff", "0x8928308280fffff", "ffffffffffffffff", "12345", "ô"]
        {
            let error = parse("h3_parent", text).unwrap_err().to_string();
            assert!(error.contains("h3_parent: ") && error.contains("is not an H3 cell"), "{text}: {error}");
        }
        assert!(signed("f", -1).is_err());
        assert!(number("f", u64::MAX).is_err());
    }

    #[test]
    fn a_dictionarys_unused_values_are_nobodys_error() {
        let values = StringArray::from(vec![Some("rubbish"), Some("8a2a1072b59ffff"), None]);
        let keys = Int8Array::from(vec![Some(1), None, Some(2), Some(1)]);
        let dictionary = DictionaryArray::new(keys, Arc::new(values));
        let cell = parse("f", "8a2a1072b59ffff").unwrap();
        assert_eq!(read("f", &dictionary).unwrap(), [Some(cell), None, None, Some(cell)]);
        let empty =
            DictionaryArray::new(Int8Array::from(vec![None, None]), Arc::new(StringArray::new_null(0)));
        assert_eq!(read("f", &empty).unwrap(), [None, None]);
    }
}
