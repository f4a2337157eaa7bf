//! The text below CSV: one kind of line end, and limits on what a line and a file may hold.

use std::io::{self, BufRead, BufReader, Read};

/// A stream whose lines all end in `\n`, the last one too, so that lines can be counted.
pub(super) struct Text<R> {
    bytes: BufReader<R>,
    /// Bytes that may still be read of the file.
    file_rest: u64,
    /// Bytes that may still be read before the next line is allowed.
    line_rest: usize,
    after_return: bool,
    /// The last byte handed over.
    last: u8,
    at_end: bool,
}

/// Which limit was passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Excess {
    #[error("the line is too long")]
    Line,
    #[error("the file is too large")]
    File,
}

impl Excess {
    /// The limit behind an error of [`Text`].
    pub(super) fn of(error: &io::Error) -> Option<Self> {
        error.get_ref()?.downcast_ref().copied()
    }
}

/// The parser reads ahead by as much as its buffer holds.
const READ_AHEAD: usize = 64 << 10;

impl<R: Read> Text<R> {
    pub(super) fn new(reader: R, max_bytes: u64) -> Self {
        Self {
            bytes: BufReader::with_capacity(READ_AHEAD, reader),
            file_rest: max_bytes,
            line_rest: 0,
            after_return: false,
            last: b'\n',
            at_end: false,
        }
    }

    /// Whether the reader was told that there is no more.
    pub(super) fn at_end(&self) -> bool {
        self.at_end
    }

    /// Allows the parser to read a line of `max_bytes`.
    pub(super) fn allow_line(&mut self, max_bytes: usize) {
        self.line_rest = max_bytes.saturating_add(READ_AHEAD);
    }

    fn deliver(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut written = 0;
        loop {
            let source = self.bytes.fill_buf()?;
            if source.is_empty() {
                break;
            }
            let (taken, made) = normalise(source, &mut buffer[written..], &mut self.after_return);
            self.bytes.consume(taken);
            written += made;
            self.file_rest = self
                .file_rest
                .checked_sub(taken as u64)
                .ok_or_else(|| io::Error::other(Excess::File))?;
            // Asking the source again could block although there is something to hand over.
            if written == buffer.len() || (written > 0 && self.bytes.buffer().is_empty()) {
                break;
            }
        }
        if written == 0 && self.last != b'\n' {
            buffer[0] = b'\n';
            written = 1;
        }
        Ok(written)
    }
}

impl<R: Read> Read for Text<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let room = buffer.len().min(self.line_rest);
        if buffer.is_empty() {
            return Ok(0);
        }
        if room == 0 {
            return Err(io::Error::other(Excess::Line));
        }
        let written = self.deliver(&mut buffer[..room])?;
        self.line_rest -= written;
        match written {
            0 => self.at_end = true,
            _ => self.last = buffer[written - 1],
        }
        Ok(written)
    }
}

/// The text after a byte order mark.
pub(super) fn without_bom(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

/// Copies `source` into `target` with `\r\n` and `\r` as `\n`; returns the bytes taken and made.
fn normalise(source: &[u8], target: &mut [u8], after_return: &mut bool) -> (usize, usize) {
    let (mut taken, mut made) = (0, 0);
    while taken < source.len() && made < target.len() {
        if std::mem::take(after_return) && source[taken] == b'\n' {
            taken += 1;
            continue;
        }
        let rest = &source[taken..];
        let run = rest.len().min(target.len() - made);
        let plain = rest[..run].iter().position(|&byte| byte == b'\r');
        let plain = plain.unwrap_or(run);
        target[made..made + plain].copy_from_slice(&rest[..plain]);
        taken += plain;
        made += plain;
        if plain < run {
            target[made] = b'\n';
            taken += 1;
            made += 1;
            *after_return = true;
        }
    }
    (taken, made)
}

#[cfg(test)]
mod tests {
    use super::{Excess, Text};
    use std::io::Read;

    fn read(text: &str) -> String {
        // One byte at a time makes every boundary fall between two reads.
        let mut reader = Text::new(text.as_bytes(), 1000);
        reader.allow_line(1000);
        let mut whole = Vec::new();
        let mut byte = [0];
        while reader.read(&mut byte).unwrap() == 1 {
            whole.push(byte[0]);
        }
        String::from_utf8(whole).unwrap()
    }

    #[test]
    fn every_line_end_becomes_a_newline() {
        assert_eq!(read("a\r\nb\rc\n\r\n\nd"), "a\nb\nc\n\n\nd\n");
        assert_eq!(read("a\r"), "a\n");
        assert_eq!(read("\r\n"), "\n");
        assert_eq!(read(""), "");
    }

    #[test]
    fn a_file_over_its_limit_is_refused() {
        let mut reader = Text::new("123456".as_bytes(), 5);
        reader.allow_line(1000);
        let error = reader.read_to_end(&mut Vec::new()).unwrap_err();
        assert_eq!(Excess::of(&error), Some(Excess::File));
        let mut reader = Text::new("12345".as_bytes(), 5);
        reader.allow_line(1000);
        assert_eq!(reader.read_to_end(&mut Vec::new()).unwrap(), 6);
    }
}
