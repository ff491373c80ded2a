//! Tables of text, their columns aligned.

use super::text::{cut, plain, width};
use std::iter::repeat_n;

/// No column is cut to less.
const COLUMN_MIN: usize = 8;
const DIM: &str = "\u{1b}[2m";
const USUAL: &str = "\u{1b}[0m";

/// A column's name and side.
#[derive(Clone, Debug)]
pub struct Head {
    pub name: String,
    /// Its values stand at the right, as numbers do.
    pub right: bool,
}

impl Head {
    /// A column of text.
    pub fn left(name: &str) -> Self {
        Self { name: name.to_owned(), right: false }
    }
}

/// A value; None is null.
pub type Cell = Option<String>;

/// How a table is shown.
#[derive(Clone, Copy, Debug, Default)]
pub struct Look {
    /// Columns of the terminal that the table is cut to; None cuts nothing.
    pub columns: Option<usize>,
    /// Null is dim.
    pub styled: bool,
}

/// A cell's lines, ready to be shown.
struct Block {
    lines: Vec<String>,
    null: bool,
}

impl Block {
    fn of(cell: &Cell) -> Self {
        match cell {
            Some(text) => {
                Self { lines: text.split('\n').map(|line| plain(line).into_owned()).collect(), null: false }
            }
            None => Self { lines: vec!["null".to_owned()], null: true },
        }
    }

    fn width(&self) -> usize {
        self.lines.iter().map(|line| width(line)).max().unwrap_or(0)
    }
}

/// Writes a table: its head, a rule, its rows.
pub fn write(heads: &[Head], rows: &[Vec<Cell>], look: Look) -> String {
    let names: Vec<Block> = heads.iter().map(|head| Block::of(&Some(head.name.replace('\n', " ")))).collect();
    let rows: Vec<Vec<Block>> = rows.iter().map(|row| row.iter().map(Block::of).collect()).collect();
    let widest = |n: usize, name: &Block| {
        rows.iter().filter_map(|row| row.get(n)).map(Block::width).fold(name.width(), usize::max)
    };
    let natural: Vec<usize> = names.iter().enumerate().map(|(n, name)| widest(n, name)).collect();
    let cap = look.columns.map_or(usize::MAX, |columns| cap(&natural, columns));
    let widths: Vec<usize> = natural.iter().map(|width| (*width).min(cap)).collect();
    let mut text = String::new();
    row(&mut text, heads, &names, &widths, look.styled);
    let rule: Vec<String> = widths.iter().map(|width| repeat_n('─', width + 2).collect()).collect();
    text.push_str(&rule.join("┼"));
    text.push('\n');
    for cells in &rows {
        row(&mut text, heads, cells, &widths, look.styled);
    }
    text
}

/// The most that a column may take so that all fit; the narrow ones keep what they need.
fn cap(natural: &[usize], columns: usize) -> usize {
    let between = 3 * natural.len().saturating_sub(1) + 2;
    let room = columns.saturating_sub(between);
    let fits = |cap: &usize| natural.iter().map(|width| (*width).min(*cap)).sum::<usize>() <= room;
    (COLUMN_MIN..=room).rev().find(fits).unwrap_or(COLUMN_MIN)
}

fn row(text: &mut String, heads: &[Head], cells: &[Block], widths: &[usize], styled: bool) {
    let height = cells.iter().map(|cell| cell.lines.len()).max().unwrap_or(1);
    for line in 0..height {
        let begin = text.len();
        for (n, ((head, cell), room)) in heads.iter().zip(cells).zip(widths).enumerate() {
            text.push_str(if n == 0 { " " } else { " │ " });
            let shown = cut(cell.lines.get(line).map_or("", String::as_str), *room);
            let space = repeat_n(' ', room.saturating_sub(width(&shown)));
            let (open, close) = if cell.null && styled { (DIM, USUAL) } else { ("", "") };
            if head.right {
                text.extend(space);
                text.extend([open, &shown, close]);
            } else {
                text.extend([open, &shown, close]);
                text.extend(space);
            }
        }
        let end = text.trim_end_matches(' ').len().max(begin);
        text.truncate(end);
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some(values: &[&str]) -> Vec<Cell> {
        values.iter().map(|value| Some((*value).to_owned())).collect()
    }

    fn heads() -> Vec<Head> {
        vec![Head::left("tên"), Head { name: "n".to_owned(), right: true }, Head::left("note")]
    }

    #[test]
    fn columns_stand_under_each_other_in_vietnamese_too() {
        let rows = [some(&["Hoàn Kiếm", "7", "a"]), some(&["Ba Đi\u{300}nh", "1234", ""])];
        assert_eq!(
            write(&heads(), &rows, Look::default()),
            " tên       │    n │ note\n───────────┼──────┼──────\n Hoàn Kiếm │    7 │ a\n Ba Đi\u{300}nh   │ 1234 │\n"
        );
    }

    #[test]
    fn null_is_said_and_dim_only_where_that_can_be_seen() {
        let rows = [vec![None, None, Some("x".to_owned())]];
        assert!(write(&heads(), &rows, Look::default()).ends_with(" null │ null │ x\n"));
        let styled = write(&heads(), &rows, Look { styled: true, columns: None });
        assert!(styled.ends_with(" \u{1b}[2mnull\u{1b}[0m │ \u{1b}[2mnull\u{1b}[0m │ x\n"), "{styled}");
    }

    #[test]
    fn only_the_widest_columns_are_cut_to_the_terminal() {
        let long = "Trung tâm Kiểm soát bệnh tật thành phố Hà Nội";
        let rows = [some(&[long, "12", "short"])];
        let fitted = write(&heads(), &rows, Look { columns: Some(40), styled: false });
        let last = fitted.lines().last().unwrap();
        assert_eq!(last, " Trung tâm Kiểm soát bệnh… │ 12 │ short");
        assert!(fitted.lines().all(|line| width(line) <= 40), "{fitted}");
        assert!(write(&heads(), &rows, Look::default()).contains(long));
    }

    #[test]
    fn a_value_of_several_lines_stays_in_its_column() {
        let rows = [some(&["a\nb", "1", "c\u{1b}[2J"])];
        let text = write(&heads(), &rows, Look::default());
        assert!(text.ends_with(" a   │ 1 │ c\\u{1b}[2J\n b   │   │\n"), "{text}");
    }
}
