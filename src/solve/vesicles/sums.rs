//! Weights of the members of a population, with their sum: a binary tree whose inner nodes are the sums of two.
//!
//! Invariant: a sum is that of its two parts as they are now, so no error piles up.

/// Weights by position.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    /// Root at 1, leaves from `room` on; a power of two of them.
    nodes: Vec<f64>,
    room: usize,
    length: usize,
}

impl Tree {
    pub fn total(&self) -> f64 {
        self.nodes.get(1).copied().unwrap_or(0.0)
    }

    /// A further position, of weight 0.
    pub fn push(&mut self) {
        if self.length == self.room {
            let room = (2 * self.room).max(1);
            let mut nodes = vec![0.0; 2 * room];
            nodes[room..room + self.length].copy_from_slice(&self.nodes[self.room..self.room + self.length]);
            for node in (1..room).rev() {
                nodes[node] = nodes[2 * node] + nodes[2 * node + 1];
            }
            (self.nodes, self.room) = (nodes, room);
        }
        self.length += 1;
    }

    /// Takes a position out; the last one takes its place.
    pub fn swap_remove(&mut self, position: usize) {
        let last = self.length - 1;
        let weight = self.nodes[self.room + last];
        self.set(last, 0.0);
        if position != last {
            self.set(position, weight);
        }
        self.length = last;
    }

    pub fn set(&mut self, position: usize, weight: f64) {
        let mut node = self.room + position;
        self.nodes[node] = weight;
        while node > 1 {
            node /= 2;
            self.nodes[node] = self.nodes[2 * node] + self.nodes[2 * node + 1];
        }
    }

    /// The position on which a share of the total falls, and what of the share is left there.
    pub fn find(&self, share: f64) -> Option<(usize, f64)> {
        if self.total().is_nan() || self.total() <= 0.0 {
            return None;
        }
        let (mut node, mut share) = (1, share);
        while node < self.room {
            node *= 2;
            let left = self.nodes[node];
            // Rounding may point beyond the last weight: not where nothing is.
            if share >= left && self.nodes[node + 1] > 0.0 {
                share -= left;
                node += 1;
            }
        }
        Some((node - self.room, share))
    }
}
