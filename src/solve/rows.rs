//! Memory for numbers in lanes.

use std::ops::{Deref, DerefMut};

/// Bytes in a line of the processor's caches.
const LINE: usize = 64;

/// Rows of one number for each lane, the first at the beginning of a cache line: so a row of eight lanes lies in one line, and
/// not, as memory comes, in two, which costs large systems a fifth of their time.
#[derive(Debug, Default)]
pub struct Rows<const W: usize> {
    numbers: Vec<f64>,
    /// Where the first row begins.
    start: usize,
    count: usize,
}

impl<const W: usize> Rows<W> {
    /// So many rows of this number.
    pub fn new(count: usize, number: f64) -> Self {
        let spare = if W == 1 { 0 } else { LINE / size_of::<f64>() - 1 };
        let numbers = vec![number; count * W + spare];
        let start = numbers.as_ptr().align_offset(LINE).min(spare);
        Rows { numbers, start, count }
    }

    pub fn zeros(count: usize) -> Self {
        Rows::new(count, 0.0)
    }

    /// Makes room for at least so many rows; what they hold is then not to be relied on.
    pub fn reserve(&mut self, count: usize) {
        if self.count < count {
            *self = Rows::zeros(count);
        }
    }
}

impl<const W: usize> Clone for Rows<W> {
    fn clone(&self) -> Self {
        let mut rows = Rows::zeros(self.count);
        rows.copy_from_slice(self);
        rows
    }
}

impl<const W: usize> Deref for Rows<W> {
    type Target = [[f64; W]];

    #[inline(always)]
    fn deref(&self) -> &[[f64; W]] {
        self.numbers[self.start..self.start + self.count * W].as_chunks().0
    }
}

impl<const W: usize> DerefMut for Rows<W> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [[f64; W]] {
        self.numbers[self.start..self.start + self.count * W].as_chunks_mut().0
    }
}

impl<'r, const W: usize> IntoIterator for &'r Rows<W> {
    type Item = &'r [f64; W];
    type IntoIter = std::slice::Iter<'r, [f64; W]>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'r, const W: usize> IntoIterator for &'r mut Rows<W> {
    type Item = &'r mut [f64; W];
    type IntoIter = std::slice::IterMut<'r, [f64; W]>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

impl<const W: usize> AsRef<[[f64; W]]> for Rows<W> {
    fn as_ref(&self) -> &[[f64; W]] {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_begin_with_a_line() {
        for count in [0, 1, 7, 100] {
            let rows = Rows::<8>::new(count, 2.5);
            assert!(rows.len() == count && rows.iter().all(|row| *row == [2.5; 8]));
            assert!(count == 0 || (rows.as_ptr() as usize).is_multiple_of(LINE));
            assert_eq!(rows.clone()[..], rows[..]);
            assert_eq!(Rows::<1>::new(count, 1.0).len(), count);
        }
        let mut rows = Rows::<2>::default();
        rows.reserve(3);
        rows[2] = [1.0, 2.0];
        rows.reserve(2);
        assert_eq!(rows[..], [[0.0; 2], [0.0; 2], [1.0, 2.0]]);
    }
}
