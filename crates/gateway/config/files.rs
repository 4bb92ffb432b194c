//! Reads the files that a configuration names, none of which is large.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The largest file that is read. The list of all authorities that Mozilla trusts needs a quarter of that.
const LARGEST: u64 = 1 << 20;

pub(super) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = File::open(path)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if read as u64 > LARGEST {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is larger than 1 MiB"));
    }
    Ok(bytes)
}
