//! Counts the lines of a file, however its bytes are cut. It knows line ends and nothing else.

use memchr::memchr_iter;

/// How many line ends there were: `\n`, `\r` or both together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LineCount {
    /// Line ends so far.
    pub lines: u64,
    /// A `\n` that comes next belongs to the end that is counted.
    after_return: bool,
}

impl LineCount {
    /// Takes the next bytes.
    pub fn take(&mut self, bytes: &[u8]) {
        let Some(last) = bytes.last() else { return };
        let feeds = memchr_iter(b'\n', bytes).count();
        let is_pair = |at: &usize| bytes.get(at + 1) == Some(&b'\n');
        let returns = memchr_iter(b'\r', bytes).filter(|at| !is_pair(at)).count();
        let split_pair = self.after_return && bytes[0] == b'\n';
        self.lines += (feeds + returns - usize::from(split_pair)) as u64;
        self.after_return = *last == b'\r';
    }

    /// Takes so many lines whose ends are known, the last byte among them.
    #[inline]
    pub(super) fn pass(&mut self, lines: u64, last: Option<u8>) {
        self.lines += lines;
        self.after_return = last == Some(b'\r');
    }

    /// The line, from 1, on which the next byte stands.
    #[must_use]
    pub fn next_line(&self) -> u64 {
        self.lines + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_line_end_counts_once_however_it_is_cut() {
        let text = b"a\nb\r\nc\rd\r\r\n\n\re";
        for size in 1..=text.len() {
            let mut count = LineCount::default();
            text.chunks(size).for_each(|piece| count.take(piece));
            assert_eq!(count.next_line(), 8, "{size}");
        }
    }
}
