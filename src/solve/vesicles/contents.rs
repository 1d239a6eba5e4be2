//! What vesicles hold, packed: entries of a path and a number, in eight bytes each.
//!
//! One entry is kept in the vesicle itself; more are in a block of the arena, of 2, 3, 4, 6, 8, 12, … entries, that is used again
//! when it is free.

use super::Path;

/// Largest number of an entry.
pub const LARGEST: u64 = (1 << 48) - 1;

/// The entries of one vesicle: none (0), one (odd), or a block: its start, its length, and its class of sizes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Contents(u64);

/// Number above bit 16; path in bits 1..16; 1 in bit 0.
fn entry(path: Path, number: u64) -> u64 {
    debug_assert!(path < 1 << 15 && number <= LARGEST);
    number << 16 | u64::from(path) << 1 | 1
}

fn path_of(entry: u64) -> Path {
    (entry >> 1) as Path & 0x7fff
}

fn number_of(entry: u64) -> u64 {
    entry >> 16
}

impl Contents {
    fn block(start: u32, length: u16, class: u8) -> Contents {
        Contents(u64::from(start) << 32 | u64::from(length) << 16 | u64::from(class) << 1)
    }

    fn is_one(self) -> bool {
        self.0 & 1 == 1
    }

    fn start(self) -> usize {
        (self.0 >> 32) as usize
    }

    fn length(self) -> usize {
        (self.0 >> 16 & 0xffff) as usize
    }

    fn class(self) -> u8 {
        (self.0 >> 1 & 0x1f) as u8
    }
}

/// Of blocks, by size.
const CLASSES: usize = 32;

/// Entries that a block of a class has room for: 2, 3, 4, 6, 8, 12, …
fn room(class: u8) -> usize {
    (2 + usize::from(class & 1)) << (class >> 1)
}

/// All blocks.
#[derive(Clone, Debug, Default)]
pub struct Arena {
    entries: Vec<u64>,
    /// Starts of free blocks, by class.
    free: [Vec<u32>; CLASSES],
}

impl Arena {
    pub fn bytes(&self) -> usize {
        8 * self.entries.capacity() + self.free.iter().map(|free| 4 * free.capacity()).sum::<usize>()
    }

    pub fn get(&self, contents: Contents, path: Path) -> u64 {
        if contents.is_one() {
            return if path_of(contents.0) == path { number_of(contents.0) } else { 0 };
        }
        let found = self.slice(contents).iter().find(|&&entry| path_of(entry) == path);
        found.map_or(0, |&entry| number_of(entry))
    }

    fn slice(&self, contents: Contents) -> &[u64] {
        if contents.is_one() || contents.0 == 0 {
            return &[];
        }
        &self.entries[contents.start()..contents.start() + contents.length()]
    }

    /// All entries, in no order that means anything.
    pub fn entries(&self, contents: &Contents) -> impl Iterator<Item = (Path, u64)> + '_ {
        let one = contents.is_one().then_some(contents.0);
        one.into_iter().chain(self.slice(*contents).iter().copied()).map(|entry| (path_of(entry), number_of(entry)))
    }

    /// Adds to an entry; what is zero is not kept. Numbers stay within 0 and [`LARGEST`].
    pub fn change(&mut self, contents: &mut Contents, path: Path, by: i64) {
        if by == 0 {
            return;
        }
        if contents.0 == 0 {
            *contents = Contents(entry(path, added(0, by)));
            return;
        }
        if contents.is_one() {
            if path_of(contents.0) == path {
                let number = added(number_of(contents.0), by);
                *contents = Contents(if number == 0 { 0 } else { entry(path, number) });
            } else {
                let start = self.allocate(0);
                self.entries[start as usize] = contents.0;
                self.entries[start as usize + 1] = entry(path, added(0, by));
                *contents = Contents::block(start, 2, 0);
            }
            return;
        }
        self.change_block(contents, path, by);
    }

    fn change_block(&mut self, contents: &mut Contents, path: Path, by: i64) {
        let (start, length, class) = (contents.start(), contents.length(), contents.class());
        let Some(at) = self.entries[start..start + length].iter().position(|&entry| path_of(entry) == path) else {
            let mut place = start;
            let mut size = class;
            if length == room(class) {
                size += 1;
                place = self.allocate(size) as usize;
                self.entries.copy_within(start..start + length, place);
                self.release(start as u32, class);
            }
            self.entries[place + length] = entry(path, added(0, by));
            *contents = Contents::block(place as u32, length as u16 + 1, size);
            return;
        };
        let number = added(number_of(self.entries[start + at]), by);
        if number > 0 {
            self.entries[start + at] = entry(path, number);
            return;
        }
        self.entries[start + at] = self.entries[start + length - 1];
        if length == 2 {
            *contents = Contents(self.entries[start]);
            self.release(start as u32, class);
        } else {
            *contents = Contents::block(start as u32, length as u16 - 1, class);
        }
    }

    /// Forgets all entries of a vesicle.
    pub fn clear(&mut self, contents: &mut Contents) {
        if !contents.is_one() && contents.0 != 0 {
            self.release(contents.start() as u32, contents.class());
        }
        *contents = Contents::default();
    }

    fn allocate(&mut self, class: u8) -> u32 {
        if let Some(start) = self.free[usize::from(class)].pop() {
            return start;
        }
        let start = self.entries.len();
        super::store::make_room(&mut self.entries, room(class));
        self.entries.resize(start + room(class), 0);
        start as u32
    }

    fn release(&mut self, start: u32, class: u8) {
        self.free[usize::from(class)].push(start);
    }
}

fn added(number: u64, by: i64) -> u64 {
    debug_assert!(number as i64 + by >= 0, "{number} {by}");
    number.saturating_add_signed(by).min(LARGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_those_of_a_plain_list() {
        let mut arena = Arena::default();
        let mut packed = [Contents::default(); 3];
        let mut plain = [[0i64; 40]; 3];
        let mut seed = 12345u64;
        for _ in 0..20_000 {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            let (who, path) = ((seed >> 33) as usize % 3, (seed >> 40) as usize % 40);
            let by = if seed >> 62 == 0 { -plain[who][path] } else { (seed >> 50 & 0xf) as i64 };
            plain[who][path] += by;
            arena.change(&mut packed[who], path as Path, by);
        }
        for (packed, plain) in packed.iter().zip(&plain) {
            for (path, number) in plain.iter().enumerate() {
                assert_eq!(arena.get(*packed, path as Path) as i64, *number);
            }
            assert_eq!(arena.entries(packed).count(), plain.iter().filter(|n| **n > 0).count());
        }
        let before = arena.entries.len();
        packed.iter_mut().for_each(|contents| arena.clear(contents));
        let mut again = Contents::default();
        (0..30).for_each(|path| arena.change(&mut again, path, 1));
        assert_eq!(arena.entries.len(), before);
    }
}
