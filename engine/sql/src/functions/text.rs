//! Text without accents, for search as people type it.

use std::sync::{Arc, LazyLock};

use arrow::array::{
    Array, ArrayRef, AsArray, GenericStringArray, GenericStringBuilder, OffsetSizeTrait, StringArrayType,
    StringViewBuilder,
};
use arrow::datatypes::DataType;
use datafusion::common::{Result, internal_err};
use unicode_normalization::char::decompose_canonical;

use super::call::{Kind, Spec};

/// `unaccent`.
pub(super) const SPECS: &[Spec] = &[Spec {
    name: "unaccent",
    params: &[("name", Kind::Text)],
    returns: |given, _| given.first().cloned().unwrap_or(DataType::Utf8),
    result: "text",
    run: |call| unaccent(&call.array(0)?),
    days: None,
    vi: "Chữ không dấu: Chợ Hôm → Cho Hom, Đống Đa → Dong Da. Tìm không phân biệt dấu và hoa thường: unaccent(lower(name)) LIKE '%cho hom%'.",
    en: "Text without accents: Chợ Hôm → Cho Hom, Đống Đa → Dong Da. To search without regard to accents and case: unaccent(lower(name)) LIKE '%cho hom%'.",
}];

/// Latin letters up to here are looked up.
const LATIN_END: u32 = 0x0250;
/// Latin letters with further marks, all of Vietnamese's among them.
const FURTHER: std::ops::Range<u32> = 0x1E00..0x1F00;

/// The ASCII letter under the marks of a Latin letter; 0 where there is none.
static LETTERS: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let bare = |code| {
        let mut whole = String::new();
        push_bare(char::from_u32(code)?, &mut whole);
        whole.bytes().next().filter(u8::is_ascii)
    };
    (0..LATIN_END).chain(FURTHER).map(|code| bare(code).unwrap_or(0)).collect()
});

fn unaccent(array: &dyn Array) -> Result<ArrayRef> {
    match array.data_type() {
        DataType::Utf8 => Ok(plain(array.as_string::<i32>())),
        DataType::LargeUtf8 => Ok(plain(array.as_string::<i64>())),
        DataType::Utf8View => {
            let views = array.as_string_view();
            if views.is_ascii() {
                return Ok(Arc::new(views.clone()));
            }
            let mut bare = StringViewBuilder::with_capacity(views.len());
            each(views, |text| bare.append_option(text));
            Ok(Arc::new(bare.finish()))
        }
        DataType::Dictionary(_, _) => {
            let dictionary = array.as_any_dictionary();
            Ok(dictionary.with_values(unaccent(dictionary.values())?))
        }
        other => internal_err!("unaccent was called with {other}"),
    }
}

fn plain<O: OffsetSizeTrait>(texts: &GenericStringArray<O>) -> ArrayRef {
    if texts.is_ascii() {
        return Arc::new(texts.clone());
    }
    let mut bare = GenericStringBuilder::<O>::with_capacity(texts.len(), texts.value_data().len());
    each(texts, |text| bare.append_option(text));
    Arc::new(bare.finish())
}

/// Hands over each text without accents; one buffer serves them all.
fn each<'a>(texts: impl StringArrayType<'a>, mut take: impl FnMut(Option<&str>)) {
    let letters = LETTERS.as_slice();
    let mut bare = String::new();
    for text in texts.iter() {
        match text {
            Some(text) if !text.is_ascii() => {
                bare.clear();
                strip(text, letters, &mut bare);
                take(Some(&bare));
            }
            other => take(other),
        }
    }
}

fn strip(text: &str, letters: &[u8], into: &mut String) {
    for letter in text.chars() {
        let code = u32::from(letter);
        if code < 0x80 {
            into.push(letter);
            continue;
        }
        let place = if FURTHER.contains(&code) { code - FURTHER.start + LATIN_END } else { code };
        let known = if code < LATIN_END || FURTHER.contains(&code) {
            usize::try_from(place).ok().and_then(|place| letters.get(place)).copied().unwrap_or(0)
        } else {
            0
        };
        if known == 0 { push_bare(letter, into) } else { into.push(char::from(known)) }
    }
}

/// The letter's canonical decomposition without its marks; a letter without marks stays as it is.
fn push_bare(letter: char, into: &mut String) {
    match letter {
        // And the Icelandic letter, which looks the same as a capital and is typed in its place.
        'đ' | 'ð' => return into.push('d'),
        'Đ' | 'Ð' => return into.push('D'),
        _ => {}
    }
    let mut marked = false;
    decompose_canonical(letter, |part| marked |= is_accent(part));
    if marked {
        decompose_canonical(letter, |part| {
            if !is_accent(part) {
                into.push(part);
            }
        });
    } else {
        into.push(letter);
    }
}

/// The blocks of combining diacritical marks. Vowel signs of other scripts are letters to their readers and stay.
fn is_accent(part: char) -> bool {
    matches!(part, '\u{300}'..='\u{36F}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}')
}

#[cfg(test)]
mod tests {
    use arrow::array::{DictionaryArray, LargeStringArray, StringArray, StringViewArray};
    use arrow::datatypes::Int8Type;

    use super::super::testing::{Session, fails, one};
    use super::*;

    fn bare(text: &str) -> String {
        unaccent(&StringArray::from(vec![text])).unwrap().as_string::<i32>().value(0).to_owned()
    }

    #[test]
    fn all_of_vietnamese_loses_its_accents() {
        assert_eq!(bare("Chợ Hôm, Đống Đa, quận Hoàn Kiếm"), "Cho Hom, Dong Da, quan Hoan Kiem");
        for (letter, forms) in [
            ("a", "àáảãạăằắẳẵặâầấẩẫậ"),
            ("e", "èéẻẽẹêềếểễệ"),
            ("i", "ìíỉĩị"),
            ("o", "òóỏõọôồốổỗộơờớởỡợ"),
            ("u", "ùúủũụưừứửữự"),
            ("y", "ỳýỷỹỵ"),
            ("d", "đ"),
        ] {
            assert_eq!(bare(forms), letter.repeat(forms.chars().count()), "{forms}");
            let upper = forms.to_uppercase();
            assert_eq!(bare(&upper), letter.to_uppercase().repeat(forms.chars().count()), "{upper}");
        }
    }

    #[test]
    fn composed_and_decomposed_text_become_the_same() {
        use unicode_normalization::UnicodeNormalization;
        let name = "Trường Tiểu học Nguyễn Đình Chiểu";
        let apart: String = name.nfd().collect();
        assert_ne!(apart, name);
        assert_eq!(bare(&apart), "Truong Tieu hoc Nguyen Dinh Chieu");
        assert_eq!(bare(&apart), bare(name));
    }

    #[test]
    fn the_table_says_what_the_decomposition_says() {
        for code in (0..0x3000_u32).chain(0xAC00..0xAC10) {
            let Some(letter) = char::from_u32(code) else { continue };
            let (mut slow, mut fast) = (String::new(), String::new());
            push_bare(letter, &mut slow);
            strip(&letter.to_string(), &LETTERS, &mut fast);
            assert_eq!(slow, fast, "{code:x}");
        }
    }

    #[test]
    fn what_carries_no_accent_stays() {
        for text in ["", "abc 123", "ß æ ø 한글 กำ हिन्दी 東京 😷 “…”"] {
            assert_eq!(bare(text), text);
        }
        assert_eq!(bare("Ångström naïve Škoda Ǻ й"), "Angstrom naive Skoda A и");
    }

    #[test]
    fn every_encoding_of_text_comes_back_as_it_came() {
        let texts = vec![Some("Chợ Hôm"), None, Some(""), Some("a longer name that is all ASCII"), Some("Đ")];
        let told = vec![Some("Cho Hom"), None, Some(""), Some("a longer name that is all ASCII"), Some("D")];
        let short = unaccent(&StringArray::from(texts.clone())).unwrap();
        assert_eq!(short.as_string::<i32>(), &StringArray::from(told.clone()));
        let large = unaccent(&LargeStringArray::from(texts.clone())).unwrap();
        assert_eq!(large.as_string::<i64>(), &LargeStringArray::from(told.clone()));
        let view = unaccent(&StringViewArray::from(texts.clone())).unwrap();
        assert_eq!(view.as_string_view(), &StringViewArray::from(told.clone()));
        let dictionary = unaccent(&texts.into_iter().collect::<DictionaryArray<Int8Type>>()).unwrap();
        let dictionary = dictionary.as_dictionary::<Int8Type>();
        let read: Vec<_> = dictionary.downcast_dict::<StringArray>().unwrap().into_iter().collect();
        assert_eq!(read, told);
    }

    #[test]
    fn text_in_ascii_is_not_copied() {
        let view = StringViewArray::from(vec!["a longer name that is all ASCII", "b"]);
        let same = unaccent(&view).unwrap();
        assert!(same.as_string_view().views().ptr_eq(view.views()));
        let plain = StringArray::from(vec!["a", "b"]);
        let same = unaccent(&plain).unwrap();
        assert!(same.as_string::<i32>().values().ptr_eq(plain.values()));
        assert_eq!(unaccent(&StringArray::from(Vec::<&str>::new())).unwrap().len(), 0);
    }

    #[tokio::test]
    async fn a_venue_is_found_as_people_type_it() {
        let session = Session::new();
        let found = "SELECT venue FROM scans WHERE unaccent(lower(venue)) LIKE '%cho hom%' GROUP BY venue";
        assert_eq!(session.rows(found).await, ["CHỢ HÔM – Đức Viên"]);
        assert_eq!(one("unaccent('Đống Đa')").await, "Dong Da");
        assert_eq!(one("unaccent(NULL)").await, "");
        let error = fails("unaccent(5)").await;
        assert!(error.contains("argument 1 (name) of unaccent is text, not an integer"), "{error}");
    }
}
