//! Reading on whatever interrupts. It knows no files.

use std::io::{self, Read};

/// The next bytes, at most as many as there is room for; 0 at the end.
pub(crate) fn read_some(bytes: &mut (impl Read + ?Sized), room: &mut [u8]) -> io::Result<usize> {
    loop {
        match bytes.read(room) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            read => return read,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Interrupted(u32);

    impl Read for Interrupted {
        fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
            self.0 += 1;
            if self.0 < 3 {
                return Err(io::ErrorKind::Interrupted.into());
            }
            room[0] = 7;
            Ok(1)
        }
    }

    #[test]
    fn an_interruption_is_no_error() {
        let mut room = [0; 4];
        assert_eq!(read_some(&mut Interrupted(0), &mut room).unwrap(), 1);
        assert_eq!(room[0], 7);
    }
}
