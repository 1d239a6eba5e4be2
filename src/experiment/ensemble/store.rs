//! Where the records of members are kept: in memory, in a file without a name, or in one that stays.
//!
//! A file is a magic number, the length of the header, the header as JSON, its checksum; then a slot for each member of
//! the shard, in order, zeros until it is written. So what a file holds at the end does not depend on the order in which
//! members were computed, one that was killed at any moment has every record that was written whole, and what remains to be
//! done is read from it. Deliberately absent: any knowledge of the model.

use std::fs::{File, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::EnsembleError;
use super::record::{self, Record, Shape, checksum, is_whole};
use crate::experiment::results::Results;

const MAGIC: [u8; 8] = *b"exoens\0\x01";
/// Stores without a name stay in memory up to so many bytes.
const IN_MEMORY: u64 = 128 << 20;
/// No header is longer; what says it is isn't one.
const LONGEST_HEADER: u64 = 1 << 30;

/// What an ensemble is of. Two with the same identity give the same bits.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Identity {
    /// Of exoc.
    pub version: String,
    /// A sum over the text of the model and all it uses.
    pub model: String,
    /// Everything on the command line that has to do with the numbers: names and values.
    pub options: Vec<(String, String)>,
}

/// Which part of an ensemble: every `of`th block of members, from the `index`th (from 0).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Shard {
    pub index: u64,
    pub of: u64,
}

impl Shard {
    pub const WHOLE: Shard = Shard { index: 0, of: 1 };
}

impl std::fmt::Display for Shard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.index + 1, self.of)
    }
}

/// What a store says of itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Header {
    pub identity: Identity,
    pub members: u64,
    pub shard: Shard,
    /// Members that are computed together; shards take turns at them.
    pub block: u64,
    /// How many numbers are drawn for each member.
    pub uncertain: usize,
    pub sampling: String,
    pub seed: u64,
    pub verdicts: usize,
    pub values: usize,
    /// The run with nominal parameters, with the names and units of all that records hold.
    pub nominal: Results,
}

impl Header {
    pub(super) fn shape(&self) -> Shape {
        Shape { verdicts: self.verdicts, values: self.values }
    }

    /// The blocks of the shard, as ranges of members.
    pub(super) fn blocks(&self) -> impl Iterator<Item = std::ops::Range<u64>> + use<> {
        let (shard, block, members) = (self.shard, self.block, self.members);
        let starts = (shard.index..members.div_ceil(block)).step_by(shard.of as usize);
        starts.map(move |b| b * block..((b + 1) * block).min(members))
    }

    /// How many members the shard has.
    pub fn slots(&self) -> u64 {
        self.blocks().map(|block| block.end - block.start).sum()
    }

    /// Where a member of the shard is kept; `None` for one of another shard.
    fn slot(&self, member: u64) -> Option<u64> {
        let block = member / self.block;
        let own = member < self.members && block % self.shard.of == self.shard.index;
        own.then(|| block / self.shard.of * self.block + member % self.block)
    }

    /// Refuses another ensemble's store, saying what differs.
    pub(super) fn must_be(&self, ours: &Header, path: &Path) -> Result<(), EnsembleError> {
        let differ = |what: &str, theirs: &dyn ToString, ours: &dyn ToString| EnsembleError::Other {
            path: path.to_owned(),
            what: what.to_owned(),
            theirs: theirs.to_string(),
            ours: ours.to_string(),
        };
        let (a, b) = (&self.identity, &ours.identity);
        if a.version != b.version {
            return Err(differ("another version of exoc", &a.version, &b.version));
        }
        if a.model != b.model {
            return Err(differ("another model, or another text of it", &a.model, &b.model));
        }
        for ((name, theirs), (_, ours)) in a.options.iter().zip(&b.options) {
            if theirs != ours {
                return Err(differ(&format!("another run, {name} differs"), theirs, ours));
            }
        }
        if (self.block, self.shape(), self.options()) != (ours.block, ours.shape(), ours.options()) {
            return Err(differ("another run", &self.options(), &ours.options()));
        }
        Ok(())
    }

    fn options(&self) -> String {
        let told = self.identity.options.iter().map(|(name, value)| format!("{name} {value}"));
        told.collect::<Vec<_>>().join(", ")
    }
}

/// Records by member.
#[derive(Debug)]
pub struct Store {
    header: Header,
    backing: Backing,
    /// A bit for each slot that holds a whole record.
    done: Vec<u64>,
    path: PathBuf,
}

#[derive(Debug)]
enum Backing {
    Memory(Vec<u8>),
    /// With the position of the first slot.
    File(File, u64),
}

impl Store {
    /// A store that nobody else sees.
    pub fn temporary(header: Header) -> Result<Store, EnsembleError> {
        let bytes = header.slots() * header.shape().bytes() as u64;
        let path = std::env::temp_dir();
        let backing = match usize::try_from(bytes) {
            Ok(size) if bytes <= IN_MEMORY => Backing::Memory(vec![0; size]),
            _ => {
                let file = tempfile::tempfile().map_err(EnsembleError::io("make a file in", &path))?;
                file.set_len(bytes).map_err(EnsembleError::io("make room in", &path))?;
                Backing::File(file, 0)
            }
        };
        Ok(Store::fresh(header, backing, path))
    }

    /// A store in a new file, which appears with its header complete.
    pub fn create(path: &Path, header: Header) -> Result<Store, EnsembleError> {
        let io = EnsembleError::io("write", path);
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let start = head_bytes(&header);
        let mut file = tempfile::Builder::new().prefix(".exoc-").tempfile_in(folder).map_err(&io)?;
        file.write_all(&start).map_err(&io)?;
        let length = start.len() as u64 + header.slots() * header.shape().bytes() as u64;
        file.as_file().set_len(length).map_err(&io)?;
        lock(file.as_file(), path)?;
        let file = file.persist_noclobber(path).map_err(|error| match error.error.kind() {
            std::io::ErrorKind::AlreadyExists => EnsembleError::Exists { path: path.to_owned() },
            _ => io(error.error),
        })?;
        Ok(Store::fresh(header, Backing::File(file, start.len() as u64), path.to_owned()))
    }

    /// The store that is in a file, to go on with it, if it is of the same ensemble and shard.
    pub fn resume(path: &Path, header: &Header) -> Result<Store, EnsembleError> {
        let store = Store::open(path, true)?;
        store.header().must_be(header, path)?;
        if store.header().shard != header.shard {
            let (theirs, ours) = (store.header().shard.to_string(), header.shard.to_string());
            return Err(EnsembleError::Other { path: path.to_owned(), what: "another shard".to_owned(), theirs, ours });
        }
        Ok(store)
    }

    /// A store in a file that is there, to read it or to go on with it.
    pub fn open(path: &Path, write: bool) -> Result<Store, EnsembleError> {
        let io = EnsembleError::io("read", path);
        let mut file = File::options().read(true).write(write).open(path).map_err(&io)?;
        if write {
            lock(&file, path)?;
        }
        let mut start = [0; 16];
        let not_a_store = || EnsembleError::NotAStore { path: path.to_owned() };
        file.read_exact(&mut start).map_err(|_| not_a_store())?;
        let (magic, length) = start.split_at(8);
        let length = u64::from_le_bytes(length.try_into().map_err(|_| not_a_store())?);
        if magic != MAGIC || length > LONGEST_HEADER {
            return Err(not_a_store());
        }
        let damaged = || EnsembleError::Damaged { path: path.to_owned() };
        let mut text = vec![0; length as usize + 8];
        file.read_exact(&mut text).map_err(|_| damaged())?;
        let (text, sum) = text.split_last_chunk::<8>().ok_or_else(damaged)?;
        if checksum(text) != u64::from_le_bytes(*sum) {
            return Err(damaged());
        }
        let header: Header = serde_json::from_slice(text).map_err(|_| damaged())?;
        let mut store = Store::fresh(header, Backing::File(file, 24 + length), path.to_owned());
        store.find_done()?;
        Ok(store)
    }

    fn fresh(header: Header, backing: Backing, path: PathBuf) -> Store {
        let words = header.slots().div_ceil(64) as usize;
        Store { header, backing, done: vec![0; words], path }
    }

    pub fn header(&self) -> &Header {
        &self.header
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many members there are.
    pub fn finished(&self) -> u64 {
        self.done.iter().map(|word| u64::from(word.count_ones())).sum()
    }

    /// Whether a member is there.
    pub(super) fn has(&self, member: u64) -> bool {
        let slot = self.header.slot(member);
        slot.is_some_and(|slot| self.done.get(slot as usize / 64).is_some_and(|word| word >> (slot % 64) & 1 == 1))
    }

    /// The members that are there, in order.
    pub(super) fn members(&self) -> impl Iterator<Item = u64> + '_ {
        self.header.blocks().flatten().filter(|member| self.has(*member))
    }

    /// Keeps a record, given as bytes; one of another shard is ignored.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), EnsembleError> {
        let Some(slot) = record::member(bytes).and_then(|member| self.header.slot(member)) else { return Ok(()) };
        let at = slot * self.header.shape().bytes() as u64;
        match &mut self.backing {
            Backing::Memory(memory) => {
                if let Some(place) = memory.get_mut(at as usize..at as usize + bytes.len()) {
                    place.copy_from_slice(bytes);
                }
            }
            Backing::File(file, start) => {
                let written = file.seek(SeekFrom::Start(*start + at)).and_then(|_| file.write_all(bytes));
                written.map_err(EnsembleError::io("write", &self.path))?;
            }
        }
        self.mark(slot);
        Ok(())
    }

    /// The bytes of a member's record from `from` on, as many as there is room for; whether there were as many.
    pub(super) fn read(&mut self, member: u64, from: usize, into: &mut [u8]) -> Result<bool, EnsembleError> {
        let Some(slot) = self.header.slot(member) else { return Ok(false) };
        self.read_slot(slot, from, into)
    }

    fn read_slot(&mut self, slot: u64, from: usize, into: &mut [u8]) -> Result<bool, EnsembleError> {
        let at = slot * self.header.shape().bytes() as u64 + from as u64;
        match &mut self.backing {
            Backing::Memory(memory) => {
                let found = memory.get(at as usize..at as usize + into.len());
                found.into_iter().for_each(|found| into.copy_from_slice(found));
                Ok(found.is_some())
            }
            Backing::File(file, start) => {
                let read = file.seek(SeekFrom::Start(*start + at)).and_then(|_| file.read_exact(into));
                match read {
                    Ok(()) => Ok(true),
                    // A file that was cut off.
                    Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Ok(false),
                    Err(error) => Err(EnsembleError::io("read", &self.path)(error)),
                }
            }
        }
    }

    pub(super) fn record(&mut self, member: u64) -> Result<Option<Record>, EnsembleError> {
        let mut bytes = vec![0; self.header.shape().bytes()];
        let there = self.read(member, 0, &mut bytes)?;
        Ok(there.then(|| Record::decode(&bytes, self.header.shape())).flatten())
    }

    fn mark(&mut self, slot: u64) {
        if let Some(word) = self.done.get_mut(slot as usize / 64) {
            *word |= 1 << (slot % 64);
        }
    }

    fn find_done(&mut self) -> Result<(), EnsembleError> {
        let shape = self.header.shape();
        let mut bytes = vec![0; shape.bytes()];
        for slot in 0..self.header.slots() {
            if !self.read_slot(slot, 0, &mut bytes)? {
                break;
            }
            let own = record::member(&bytes).and_then(|member| self.header.slot(member)) == Some(slot);
            if own && is_whole(&bytes, shape) {
                self.mark(slot);
            }
        }
        Ok(())
    }

    /// Makes sure that all is on the disk.
    pub fn sync(&self) -> Result<(), EnsembleError> {
        match &self.backing {
            Backing::Memory(_) => Ok(()),
            Backing::File(file, _) => file.sync_all().map_err(EnsembleError::io("write", &self.path)),
        }
    }
}

fn head_bytes(header: &Header) -> Vec<u8> {
    // Plain data can't be refused.
    let text = serde_json::to_vec(header).unwrap_or_default();
    let mut bytes = MAGIC.to_vec();
    bytes.extend((text.len() as u64).to_le_bytes());
    let sum = checksum(&text);
    bytes.extend(text);
    bytes.extend(sum.to_le_bytes());
    bytes
}

/// One writer at a time; a system without locks has to do without.
fn lock(file: &File, path: &Path) -> Result<(), EnsembleError> {
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Err(EnsembleError::Busy { path: path.to_owned() }),
        _ => Ok(()),
    }
}
