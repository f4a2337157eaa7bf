//! The rows of a growing tree, in shards that threads work on side by side.

use super::codes::Codes;
use super::entry::Entry;
use super::histogram::Histogram;
use crate::tree::InBag;
use rayon::prelude::*;
use std::ops::Range;

/// Rows from which on a node is worth several threads: waking one takes as long as some thousand.
const PARALLEL: usize = 1 << 15;

/// Fewest rows of a shard.
const SHARD: usize = 1 << 14;

/// How a node is divided: its rows whose code of `feature` is at most `below` make one new node,
/// the others the next.
#[derive(Debug, Clone, Copy)]
pub(super) struct Division {
    pub(super) node: usize,
    /// Number of rows of the node.
    pub(super) rows: usize,
    pub(super) feature: usize,
    pub(super) below: u8,
    /// Lower bits of a bin that count rows.
    pub(super) shift: u32,
}

/// The rows of a growing tree. Each shard has those of a range of the training rows, so that every
/// node has some rows in each of them.
#[derive(Debug, Default)]
pub(super) struct Shards<E> {
    shards: Vec<Shard<E>>,
}

/// Some of the rows of a growing tree, node by node.
#[derive(Debug, Default)]
struct Shard<E> {
    /// Which training rows are here.
    rows: Range<usize>,
    /// In each node the rows ascend.
    entries: Vec<E>,
    spilled: Vec<E>,
    /// Where in `entries` the rows of each node of the tree are.
    nodes: Vec<Range<usize>>,
    histogram: Histogram,
}

impl<E: Entry> Shards<E> {
    /// Starts a tree on the rows `in_bag` of `rows` in all; `steps` gives the target of a row.
    pub(super) fn restart(
        &mut self,
        rows: usize,
        in_bag: InBag<'_>,
        steps: impl Fn(usize) -> u32 + Sync,
    ) {
        if self.shards.is_empty() {
            let count = (rows / SHARD).clamp(1, rayon::current_num_threads());
            self.shards = (0..count)
                .map(|shard| Shard {
                    rows: rows * shard / count..rows * (shard + 1) / count,
                    ..Shard::default()
                })
                .collect();
        }
        self.each(rows, |shard| shard.restart(in_bag, &steps));
    }

    /// Number of rows and sum of their steps in `node`.
    pub(super) fn totals(&self, node: usize) -> (u32, u64) {
        let of_node = self.shards.iter().map(|shard| shard.of_node(node));
        of_node.fold((0, 0), |(count, steps), entries| {
            let of_entries = entries.iter().map(|entry| u64::from(entry.steps()));
            let more = u32::try_from(entries.len()).unwrap_or(u32::MAX);
            (count + more, steps + of_entries.sum::<u64>())
        })
    }

    /// Divides a node among two new ones, and adds one of them up when `sum` names it and gives a
    /// histogram without rows.
    pub(super) fn divide(
        &mut self,
        codes: &Codes,
        division: Division,
        sum: Option<(usize, &mut Histogram)>,
    ) {
        let Division { rows, shift, .. } = division;
        let column = codes.column(division.feature);
        match sum {
            None => self.each(rows, |shard| shard.divide(column, division)),
            Some((node, histogram)) if self.is_parallel(rows) => {
                self.each(rows, |shard| {
                    shard.divide(column, division);
                    shard.add_up(codes, node, shift);
                });
                self.merge(codes, histogram);
            }
            Some((node, histogram)) => {
                for shard in &mut self.shards {
                    shard.divide(column, division);
                    histogram.add(codes, shard.of_node(node), shift);
                }
            }
        }
    }

    /// Adds up `node` of `rows` rows in `histogram`, which has none.
    pub(super) fn add_up(
        &mut self,
        codes: &Codes,
        (node, rows): (usize, usize),
        shift: u32,
        histogram: &mut Histogram,
    ) {
        if self.is_parallel(rows) {
            self.each(rows, |shard| shard.add_up(codes, node, shift));
            self.merge(codes, histogram);
        } else {
            for shard in &self.shards {
                histogram.add(codes, shard.of_node(node), shift);
            }
        }
    }

    /// Puts the rows of `node` at the end of `rows`, in ascending order.
    pub(super) fn append_rows(&self, node: usize, rows: &mut Vec<u32>) {
        for shard in &self.shards {
            rows.extend(shard.of_node(node).iter().map(|entry| entry.row()));
        }
    }

    /// Adds what each shard has added up.
    fn merge(&self, codes: &Codes, histogram: &mut Histogram) {
        for shard in &self.shards {
            histogram.merge(codes, &shard.histogram);
        }
    }

    fn is_parallel(&self, rows: usize) -> bool {
        rows >= PARALLEL && self.shards.len() > 1
    }

    /// Does something that takes as long as `rows` rows to all shards.
    fn each(&mut self, rows: usize, action: impl Fn(&mut Shard<E>) + Send + Sync) {
        if self.is_parallel(rows) {
            self.shards.par_iter_mut().for_each(action);
        } else {
            self.shards.iter_mut().for_each(action);
        }
    }
}

impl<E: Entry> Shard<E> {
    fn of_node(&self, node: usize) -> &[E] {
        &self.entries[self.nodes[node].clone()]
    }

    #[allow(clippy::cast_possible_truncation, reason = "rows are fewer than 2^31")]
    fn restart(&mut self, in_bag: InBag<'_>, steps: impl Fn(usize) -> u32) {
        let entry = |row: usize| E::new(row as u32, steps(row));
        self.entries.clear();
        match in_bag {
            InBag::All => self.entries.extend(self.rows.clone().map(entry)),
            InBag::Counts(counts) => {
                let drawn = self.rows.clone().filter(|&row| counts[row] > 0);
                self.entries.extend(drawn.map(entry));
            }
        }
        self.spilled.resize(self.rows.len(), E::default());
        self.nodes.clear();
        self.nodes.push(0..self.entries.len());
    }

    fn divide(&mut self, column: &[u8], division: Division) {
        let Range { start, end } = self.nodes[division.node];
        let below = division.below;
        let entries = &mut self.entries[start..end];
        let (mut kept, mut spilled) = (0, 0);
        for index in 0..entries.len() {
            let entry = entries[index];
            let goes_left = column[entry.row() as usize] <= below;
            // Both writes are made and one of them is kept: there is no branch to predict.
            entries[kept] = entry;
            self.spilled[spilled] = entry;
            kept += usize::from(goes_left);
            spilled += usize::from(!goes_left);
        }
        entries[kept..].copy_from_slice(&self.spilled[..spilled]);
        self.nodes.push(start..start + kept);
        self.nodes.push(start + kept..end);
    }

    fn add_up(&mut self, codes: &Codes, node: usize, shift: u32) {
        if self.histogram.is_empty() {
            self.histogram = Histogram::new(codes);
        } else {
            self.histogram.clear(codes);
        }
        let entries = &self.entries[self.nodes[node].clone()];
        self.histogram.add(codes, entries, shift);
    }
}
