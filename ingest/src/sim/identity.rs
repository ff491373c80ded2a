//! Made-up identities: names of common syllables, personal identification numbers, the text of a chip card.

use super::{
    calendar::two,
    dice::{Dice, Topic, key},
    lines::{write_int, write_padded},
    town::Town,
};
use vonglau_core::time::Day;

const FAMILIES: [&str; 20] = [
    "Nguyễn", "Nguyễn", "Nguyễn", "Nguyễn", "Nguyễn", "Trần", "Trần", "Lê", "Lê", "Phạm", "Hoàng", "Phan",
    "Vũ", "Đặng", "Bùi", "Đỗ", "Ngô", "Dương", "Lý", "Đinh",
];
const MIDDLES: [[&str; 8]; 2] = [
    ["Văn", "Đức", "Minh", "Quang", "Hữu", "Xuân", "Công", "Tuấn"],
    ["Thị", "Thị", "Thu", "Ngọc", "Thanh", "Phương", "Minh", "Kim"],
];
const GIVENS: [[&str; 16]; 2] = [
    [
        "Anh", "Bình", "Cường", "Dũng", "Đạt", "Hải", "Hiếu", "Hùng", "Huy", "Khánh", "Long", "Nam", "Phong",
        "Sơn", "Thành", "Tùng",
    ],
    [
        "An", "Chi", "Dung", "Giang", "Hà", "Hạnh", "Hoa", "Hương", "Lan", "Linh", "Mai", "Nga", "Nhung",
        "Oanh", "Thảo", "Yến",
    ],
];

/// Provinces where numbers were given out; Hanoi's own is the first. One for each million people, who share 6 digits.
const PROVINCES: [u64; 17] = [1, 30, 33, 34, 35, 36, 37, 38, 40, 42, 27, 26, 25, 24, 22, 19, 20];

/// People whose six free digits differ.
const FREE: u32 = 1_000_000;

/// Birth date and sex of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Birth {
    pub(super) on: Day,
    pub(super) female: bool,
}

impl Birth {
    /// Century and sex, then year: what the number says of somebody.
    fn digits(self) -> (u32, u32) {
        let year = self.on.civil().0 as u32;
        ((year / 100 - 19) * 2 + u32::from(self.female), year % 100)
    }
}

/// Appends the 12 digits of a person's number.
pub(super) fn write_number(out: &mut Vec<u8>, town: &Town, person: u32) {
    let (century_sex, year) = town.birth(person).digits();
    // A million people apart share the free digits: where birth year and sex agree too, the province tells them apart.
    let earlier = (0..person / FREE)
        .filter(|block| town.birth(block * FREE + person % FREE).digits() == (century_sex, year));
    write_padded(out, PROVINCES[earlier.count()], 3);
    write_padded(out, u64::from(century_sex), 1);
    write_padded(out, u64::from(year), 2);
    // 387,421 has no factor in common with a million: each remainder has its own digits.
    write_padded(out, (u64::from(person % FREE) * 387_421 + 60_107) % u64::from(FREE), 6);
}

/// Appends the full name.
pub(super) fn write_name(out: &mut Vec<u8>, town: &Town, person: u32) {
    let mut dice = Dice::of(key(town.seed, Topic::Name, 0), u64::from(person));
    let sex = usize::from(town.birth(person).female);
    for (index, part) in
        [*dice.pick(&FAMILIES), *dice.pick(&MIDDLES[sex]), *dice.pick(&GIVENS[sex])].iter().enumerate()
    {
        if index > 0 {
            out.push(b' ');
        }
        out.extend_from_slice(part.as_bytes());
    }
}

/// Appends the address; one household, one address.
pub(super) fn write_address(out: &mut Vec<u8>, town: &Town, person: u32) {
    let ward = &town.land.wards[usize::from(town.ward(person))];
    let district = &town.land.districts[usize::from(town.land.district_of(town.ward(person)))];
    out.extend_from_slice("Số ".as_bytes());
    write_int(out, u64::from(town.household(person).start % 400 + 1));
    for part in [&ward.name_vi, &district.name_vi] {
        out.extend_from_slice(b", ");
        out.extend(part.bytes().filter(|byte| !matches!(byte, b'"' | b'\\' | b'|')));
    }
    out.extend_from_slice(", Hà Nội".as_bytes());
}

/// Appends the text of the chip card's QR: seven fields split by `|`.
pub(super) fn write_card(out: &mut Vec<u8>, town: &Town, person: u32) {
    let mut dice = Dice::of(key(town.seed, Topic::Name, 1), u64::from(person));
    let birth = town.birth(person);
    write_number(out, town, person);
    out.push(b'|');
    if dice.permille(600) {
        write_padded(out, u64::from(dice.below(400_000_000)), 9);
    }
    out.push(b'|');
    write_name(out, town, person);
    out.push(b'|');
    write_plain_date(out, birth.on);
    out.push(b'|');
    out.extend_from_slice(if birth.female { "Nữ" } else { "Nam" }.as_bytes());
    out.push(b'|');
    write_address(out, town, person);
    out.push(b'|');
    write_plain_date(out, town.live_day.plus(-(30 + dice.below(200) as i32)));
}

/// Appends `ddmmyyyy`.
fn write_plain_date(out: &mut Vec<u8>, date: Day) {
    let (year, month, day) = date.civil();
    two(out, day);
    two(out, month);
    write_padded(out, year as u64, 4);
}
