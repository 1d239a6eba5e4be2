//! Ways from a vesicle to what lies in it.

/// What a vesicle directly holds.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub enum Item {
    Cargo(u16),
    /// Its own membrane.
    Area,
    /// Vesicles of that kind.
    Kind(u16),
}

/// Number of a way: what lies in vesicles of one kind, in vesicles of another, … in the vesicle that it is looked at from.
pub type Path = u16;

const NONE: Path = Path::MAX;

/// All ways that occur, and all that begin further inside.
#[derive(Clone, Debug, Default)]
pub struct Paths {
    items: Vec<Vec<Item>>,
    /// By kind, then path: the same seen from a carrier of that kind's vesicle.
    from_outside: Vec<Vec<Path>>,
    /// Those of a single step: to cargo by its number, to the membrane, to vesicles by their kind.
    cargoes: Vec<Path>,
    area: Option<Path>,
    kinds: Vec<Path>,
    /// For each the states' value of one: a copy, or a grain.
    areas: Vec<bool>,
}

impl Paths {
    /// From the ways seen from outermost vesicles; those seen from further inside are added.
    pub fn new(ways: impl IntoIterator<Item = Vec<Item>>) -> Paths {
        let mut items: Vec<Vec<Item>> = Vec::new();
        for way in ways {
            for start in 0..way.len() {
                let inner = way[start..].to_vec();
                if !items.contains(&inner) {
                    items.push(inner);
                }
            }
        }
        items.sort();
        let kinds = items.iter().flatten().filter_map(|item| match item {
            Item::Kind(kind) => Some(usize::from(*kind) + 1),
            _ => None,
        });
        let mut from_outside = vec![vec![NONE; items.len()]; kinds.max().unwrap_or(0)];
        for (longer, path) in items.iter().zip(0..) {
            if let [Item::Kind(kind), rest @ ..] = longer.as_slice()
                && let Some(inner) = items.iter().position(|items| items == rest)
            {
                from_outside[usize::from(*kind)][inner] = path;
            }
        }
        let areas = items.iter().map(|items| items.last() == Some(&Item::Area)).collect();
        let mut made = Paths { items, from_outside, areas, ..Paths::default() };
        for (items, path) in made.items.iter().zip(0..) {
            let (table, number) = match items.as_slice() {
                [Item::Cargo(number)] => (&mut made.cargoes, *number),
                [Item::Kind(number)] => (&mut made.kinds, *number),
                [Item::Area] => {
                    made.area = Some(path);
                    continue;
                }
                _ => continue,
            };
            table.resize(table.len().max(usize::from(number) + 1), NONE);
            table[usize::from(number)] = path;
        }
        made
    }

    /// The way of a single step.
    #[inline]
    pub fn own(&self, item: Item) -> Option<Path> {
        let found = match item {
            Item::Cargo(number) => self.cargoes.get(usize::from(number)).copied(),
            Item::Kind(number) => self.kinds.get(usize::from(number)).copied(),
            Item::Area => self.area,
        };
        found.filter(|path| *path != NONE)
    }

    pub fn len(&self) -> usize {
        self.items.len()
    }

    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    pub fn get(&self, items: &[Item]) -> Option<Path> {
        self.items.binary_search_by(|known| known.as_slice().cmp(items)).ok().map(|path| path as Path)
    }

    /// What the way leads over, from outside inwards.
    pub fn items(&self, path: Path) -> &[Item] {
        self.items.get(usize::from(path)).map_or(&[], Vec::as_slice)
    }

    /// The way from the carrier of a vesicle of that kind.
    pub(super) fn outside(&self, kind: u16, path: Path) -> Option<Path> {
        let found = self.from_outside.get(usize::from(kind))?.get(usize::from(path)).copied()?;
        (found != NONE).then_some(found)
    }

    /// What one unit of an entry is in the states.
    pub(super) fn unit(&self, path: Path) -> f64 {
        if self.areas.get(usize::from(path)) == Some(&true) { super::GRAIN } else { 1.0 }
    }
}
