//! Stepping over Thrift's compact protocol, in which Parquet keeps its metadata, without believing
//! it: nothing may claim to be longer than the bytes that follow.
//! <https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md>

/// Far deeper than any real metadata.
const MAX_DEPTH: usize = 64;

/// The number by which the protocol calls a type.
pub(super) type Kind = u8;
pub(super) const I32: Kind = 5;
pub(super) const STRUCT: Kind = 12;

/// Steps over values; each step gives nothing when the value does not fit the bytes.
pub(super) struct Walker<'a> {
    rest: &'a [u8],
}

impl<'a> Walker<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The bytes not stepped over yet.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Steps over a struct.
    pub(super) fn structure(&mut self, depth: usize) -> Option<()> {
        self.fields(|walker, _, kind| walker.value(kind, depth))
    }

    /// Hands each field of a struct, by number and type, to `field`, which steps over its value.
    pub(super) fn fields(
        &mut self,
        mut field: impl FnMut(&mut Self, i64, Kind) -> Option<()>,
    ) -> Option<()> {
        let mut number = 0_i64;
        loop {
            let header = self.byte()?;
            let kind = header & 0x0f;
            if kind == 0 {
                return Some(());
            }
            number = match header >> 4 {
                0 => self.integer()?,
                step => number.checked_add(i64::from(step))?,
            };
            // Truth values are part of the type.
            if !matches!(kind, 1 | 2) {
                field(self, number, kind)?;
            }
        }
    }

    /// Steps over a value.
    pub(super) fn value(&mut self, kind: Kind, depth: usize) -> Option<()> {
        if depth > MAX_DEPTH {
            return None;
        }
        match kind {
            1..=3 => self.skip(1),
            4..=6 => self.varint().map(|_| ()),
            7 => self.skip(8),
            8 => {
                let length = self.varint()?;
                self.skip(length)
            }
            9 | 10 => self.list(depth),
            11 => self.map(depth),
            STRUCT => self.structure(depth + 1),
            13 => self.skip(16),
            _ => None,
        }
    }

    /// Reads a signed integer.
    pub(super) fn integer(&mut self) -> Option<i64> {
        let zigzag = self.varint()?;
        Some((zigzag >> 1).cast_signed() ^ -(zigzag & 1).cast_signed())
    }

    fn list(&mut self, depth: usize) -> Option<()> {
        let header = self.byte()?;
        let count = match header >> 4 {
            15 => self.varint()?,
            short => u64::from(short),
        };
        self.repeat(count, |walker| walker.value(header & 0x0f, depth + 1))
    }

    fn map(&mut self, depth: usize) -> Option<()> {
        let count = self.varint()?;
        if count == 0 {
            return Some(());
        }
        let kinds = self.byte()?;
        self.repeat(count, |walker| {
            walker.value(kinds >> 4, depth + 1)?;
            walker.value(kinds & 0x0f, depth + 1)
        })
    }

    /// Every entry takes at least one byte.
    fn repeat(&mut self, count: u64, entry: impl Fn(&mut Self) -> Option<()>) -> Option<()> {
        if count > self.rest.len() as u64 {
            return None;
        }
        (0..count).try_for_each(|_| entry(self))
    }

    fn byte(&mut self) -> Option<u8> {
        let (&first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }

    fn skip(&mut self, count: u64) -> Option<()> {
        self.rest = self.rest.get(usize::try_from(count).ok()?..)?;
        Some(())
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::Walker;

    fn fits(metadata: &[u8]) -> bool {
        Walker::new(metadata).structure(0).is_some()
    }

    #[test]
    fn nothing_may_be_longer_than_what_follows() {
        assert!(fits(&[0x00]));
        // Field 1, a number; field 2, two bytes of text; field 3, a list of two numbers.
        assert!(fits(&[
            0x15, 0x02, 0x18, 0x02, b'a', b'b', 0x19, 0x25, 0x02, 0x04, 0x00
        ]));
        assert!(!fits(&[0x18, 0x03, b'a', b'b']));
        assert!(!fits(&[0x19, 0xf5, 0xff, 0xff, 0xff, 0x7f, 0x02, 0x00]));
        assert!(!fits(&[0x15]));
        assert!(!fits(&[0x1c; 1000]));
    }

    #[test]
    fn integers_are_signed() {
        let read = |bytes| Walker::new(bytes).integer();
        assert_eq!(read(&[0x00]), Some(0));
        assert_eq!(read(&[0x01]), Some(-1));
        assert_eq!(read(&[0x80, 0x01]), Some(64));
        assert_eq!(read(&[0x80]), None);
    }
}
