//! The nearest known name to a mistyped one.

/// So much of a name is compared.
const NAME_CHARS_MAX: usize = 100;

/// "; the nearest known is `x`".
pub fn nearest<S: AsRef<str>>(name: &str, known: impl IntoIterator<Item = S>) -> String {
    let name: String = name.chars().take(NAME_CHARS_MAX).collect();
    let best =
        known.into_iter().map(|known| (distance(&name, known.as_ref()), known.as_ref().to_owned())).min();
    best.map(|(_, known)| format!("; the nearest known is `{known}`")).unwrap_or_default()
}

/// Letters to put in, take out or change; 1 for a beginning of the other.
fn distance(a: &str, b: &str) -> usize {
    if a != b && (a.starts_with(b) || b.starts_with(a)) {
        return 1;
    }
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let change = corner + usize::from(x != *y);
            corner = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(corner + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_the_one_with_the_fewest_changes() {
        assert_eq!(
            nearest("contact_mins", ["contact_min", "contact_sum"]),
            "; the nearest known is `contact_min`"
        );
        assert_eq!(
            nearest("weight", ["name_en", "weight_permille"]),
            "; the nearest known is `weight_permille`"
        );
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
