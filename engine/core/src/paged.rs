//! A list that never moves what it holds: to grow a plain one takes as long as to copy it, with everything waiting.

/// Values by number, in pages of `PAGE`.
#[derive(Debug)]
pub(crate) struct Paged<T, const PAGE: usize>(Vec<Vec<T>>);

impl<T, const PAGE: usize> Default for Paged<T, PAGE> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T, const PAGE: usize> Paged<T, PAGE> {
    pub fn len(&self) -> usize {
        self.0.last().map_or(0, |last| (self.0.len() - 1) * PAGE + last.len())
    }

    pub fn push(&mut self, value: T) {
        if self.0.last().is_none_or(|last| last.len() == PAGE) {
            self.0.push(Vec::with_capacity(PAGE));
        }
        if let Some(last) = self.0.last_mut() {
            last.push(value);
        }
    }

    /// The values of one page; none past the last.
    pub fn page(&self, page: usize) -> &[T] {
        self.0.get(page).map_or(&[], Vec::as_slice)
    }
}

impl<T, const PAGE: usize> std::ops::Index<u32> for Paged<T, PAGE> {
    type Output = T;

    fn index(&self, number: u32) -> &T {
        &self.0[number as usize / PAGE][number as usize % PAGE]
    }
}

impl<T, const PAGE: usize> std::ops::IndexMut<u32> for Paged<T, PAGE> {
    fn index_mut(&mut self, number: u32) -> &mut T {
        &mut self.0[number as usize / PAGE][number as usize % PAGE]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_pushed_is_found_by_number_and_by_page() {
        let mut list = Paged::<u32, 4>::default();
        assert_eq!((list.len(), list.page(0)), (0, &[][..]));
        (0..10).for_each(|n| list.push(n * 7));
        list[9] += 1;
        assert_eq!((list.len(), list[0], list[5], list[9]), (10, 0, 35, 64));
        assert_eq!(
            (list.page(1), list.page(2), list.page(3)),
            (&[28, 35, 42, 49][..], &[56, 64][..], &[][..])
        );
    }
}
