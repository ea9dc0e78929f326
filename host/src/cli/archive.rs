//! Packs a file or a directory into a gzipped tar archive, the same bytes for the same contents:
//! entries sorted, no times, no owners; modes and symbolic links as they are.

#[cfg(test)]
mod tests;

use flate2::Compression;
use flate2::write::GzEncoder;
use std::fs::{self, File, Metadata};
use std::io::{self, Read, Write};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};
use tar::{Builder, EntryType, Header};

/// The permission bits that are kept; a release has no business with setuid.
const MODE_BITS: u32 = 0o777;
/// Bytes are read in pieces of this size, after each of which progress is told.
const PIECE: usize = 256 * 1024;

/// What cannot be packed.
#[derive(Debug, thiserror::Error)]
pub(super) enum ArchiveError {
    #[error("cannot read {}: {source}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("{} is a {kind}, which cannot be deployed", path.display())]
    Special { path: PathBuf, kind: &'static str },
    #[error("{} became shorter while it was read", path.display())]
    Shrunk { path: PathBuf },
    #[error("{} is empty: there is nothing to deploy", path.display())]
    Empty { path: PathBuf },
    /// The receiver of the archive failed; it knows more.
    #[error("cannot write the archive: {0}")]
    Write(#[source] io::Error),
}

/// What will be packed, in order.
#[derive(Debug)]
pub(super) struct Listing {
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    /// Where it is.
    source: PathBuf,
    /// Its name in the archive.
    name: PathBuf,
    mode: u32,
    kind: Kind,
}

#[derive(Debug, PartialEq, Eq)]
enum Kind {
    Directory,
    File { size: u64 },
    Link { to: PathBuf },
}

impl Listing {
    /// Looks at a file, which keeps its name, or a directory, whose contents become the archive's root.
    pub(super) fn of(path: &Path) -> Result<Self, ArchiveError> {
        let metadata = fs::metadata(path).map_err(|source| ArchiveError::Read { path: path.into(), source })?;
        let mut entries = Vec::new();
        if metadata.is_dir() {
            list(path, Path::new(""), &mut entries)?;
            // By bytes and not by any language's order, so that it is the same everywhere.
            entries.sort_by(|one, other| one.name.as_os_str().cmp(other.name.as_os_str()));
        } else {
            let name = path.file_name().map(PathBuf::from);
            let name = name.ok_or_else(|| ArchiveError::Empty { path: path.into() })?;
            entries.push(Entry::new(path.into(), name, &metadata)?);
        }
        if entries.is_empty() {
            return Err(ArchiveError::Empty { path: path.into() });
        }
        Ok(Self { entries })
    }

    /// Bytes of all files together.
    pub(super) fn total(&self) -> u64 {
        self.entries.iter().map(|entry| if let Kind::File { size } = entry.kind { size } else { 0 }).sum()
    }

    /// Writes the archive; `progress` is told how many bytes of the files were read so far.
    pub(super) fn write(&self, output: impl Write, mut progress: impl FnMut(u64)) -> Result<(), ArchiveError> {
        // Without a file name and a time, the gzip header is always the same.
        let mut builder = Builder::new(GzEncoder::new(output, Compression::default()));
        let mut done = 0;
        for entry in &self.entries {
            entry.append(&mut builder, &mut |read| {
                done += read;
                progress(done);
            })?;
        }
        let encoder = builder.into_inner().map_err(ArchiveError::Write)?;
        encoder.finish().and_then(|mut output| output.flush()).map_err(ArchiveError::Write)
    }
}

fn list(directory: &Path, name: &Path, entries: &mut Vec<Entry>) -> Result<(), ArchiveError> {
    let failed = |source| ArchiveError::Read { path: directory.into(), source };
    for found in fs::read_dir(directory).map_err(failed)? {
        let found = found.map_err(failed)?;
        let (path, name) = (found.path(), name.join(found.file_name()));
        let metadata =
            fs::symlink_metadata(&path).map_err(|source| ArchiveError::Read { path: path.clone(), source })?;
        let entry = Entry::new(path.clone(), name.clone(), &metadata)?;
        let is_directory = entry.kind == Kind::Directory;
        entries.push(entry);
        if is_directory {
            list(&path, &name, entries)?;
        }
    }
    Ok(())
}

impl Entry {
    fn new(source: PathBuf, name: PathBuf, metadata: &Metadata) -> Result<Self, ArchiveError> {
        let file_type = metadata.file_type();
        let kind = if file_type.is_dir() {
            Kind::Directory
        } else if file_type.is_symlink() {
            let to =
                fs::read_link(&source).map_err(|error| ArchiveError::Read { path: source.clone(), source: error })?;
            Kind::Link { to }
        } else if file_type.is_file() {
            Kind::File { size: metadata.len() }
        } else {
            let kind = match () {
                () if file_type.is_socket() => "socket",
                () if file_type.is_fifo() => "named pipe",
                () => "device",
            };
            return Err(ArchiveError::Special { path: source, kind });
        };
        Ok(Self { source, name, mode: metadata.mode() & MODE_BITS, kind })
    }

    fn append(&self, builder: &mut Builder<impl Write>, progress: &mut dyn FnMut(u64)) -> Result<(), ArchiveError> {
        let mut header = Header::new_gnu();
        header.set_mode(self.mode);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(0);
        header.set_size(0);
        match &self.kind {
            Kind::Directory => {
                header.set_entry_type(EntryType::Directory);
                builder.append_data(&mut header, &self.name, io::empty()).map_err(ArchiveError::Write)
            }
            Kind::Link { to } => {
                header.set_entry_type(EntryType::Symlink);
                builder.append_link(&mut header, &self.name, to).map_err(ArchiveError::Write)
            }
            Kind::File { size } => {
                header.set_entry_type(EntryType::Regular);
                header.set_size(*size);
                let mut reader = Exact::open(&self.source, *size, progress)?;
                let written = builder.append_data(&mut header, &self.name, &mut reader);
                // The reader's own trouble comes out of `append_data` too, without the file's name.
                match reader.error {
                    Some(error) => Err(error),
                    None => written.map_err(ArchiveError::Write),
                }
            }
        }
    }
}

/// Reads exactly as many bytes as the header says, whatever happens to the file in the meantime.
struct Exact<'a> {
    file: File,
    path: &'a Path,
    left: u64,
    progress: &'a mut dyn FnMut(u64),
    error: Option<ArchiveError>,
}

impl<'a> Exact<'a> {
    fn open(path: &'a Path, size: u64, progress: &'a mut dyn FnMut(u64)) -> Result<Self, ArchiveError> {
        let file = File::open(path).map_err(|source| ArchiveError::Read { path: path.into(), source })?;
        Ok(Self { file, path, left: size, progress, error: None })
    }
}

impl Read for Exact<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let wanted = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len()).min(PIECE);
        if wanted == 0 {
            return Ok(0);
        }
        match self.file.read(&mut buffer[..wanted]) {
            Ok(0) => {
                self.error = Some(ArchiveError::Shrunk { path: self.path.into() });
                Err(io::ErrorKind::UnexpectedEof.into())
            }
            Ok(read) => {
                self.left -= read as u64;
                (self.progress)(read as u64);
                Ok(read)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => {
                let kind = error.kind();
                self.error = Some(ArchiveError::Read { path: self.path.into(), source: error });
                Err(kind.into())
            }
        }
    }
}
