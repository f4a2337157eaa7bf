//! Several ways through packed trees at once.
//!
//! A way is a chain of loads that each wait for the one before. Walking several ways side by side
//! hides the wait, and walking a known number of steps spares the branches that would be guessed
//! wrong: a way that has come to its leaf stays there.

use super::packed::PackedNode;

/// Ways that are walked at once; more do not fit the registers.
pub(super) const LANES: usize = 8;

/// Steps before the first look at whether all ways have come to an end.
const FIRST: u32 = 16;

/// Steps between two looks.
const NEXT: u32 = 4;

/// Index of the leaf where each way ends, after at most `depth` steps. `node` gives a lane the node
/// at an index of its tree, `key` the key of a feature of its row.
#[inline]
pub(super) fn ends(
    depth: u32,
    node: impl Fn(usize, usize) -> PackedNode,
    key: impl Fn(usize, usize) -> u32,
) -> [usize; LANES] {
    let mut at = [0; LANES];
    let mut steps = FIRST.min(depth);
    let mut left = depth - steps;
    loop {
        for _ in 0..steps {
            for (lane, at) in at.iter_mut().enumerate() {
                let node = node(lane, *at);
                *at += node.step(key(lane, node.feature()));
            }
        }
        if left == 0 || (0..LANES).all(|lane| node(lane, at[lane]).is_leaf()) {
            return at;
        }
        steps = NEXT.min(left);
        left -= steps;
    }
}
