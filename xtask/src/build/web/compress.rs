//! Precompressed variants beside each file, so that the server never compresses.

use std::{io::Write, path::Path};

use anyhow::Result;
use brotli::enc::BrotliEncoderParams;
use flate2::{Compression, write::GzEncoder};

use crate::tree::Tree;

/// Extensions of what shrinks; fonts and images are compressed already.
const SHRINKS: [&str; 6] = ["css", "html", "js", "svg", "wasm", "webmanifest"];
/// Brotli's best quality and largest window: built once, sent often.
const BROTLI_QUALITY: i32 = 11;
const BROTLI_WINDOW: i32 = 22;

/// Answers the same files and, where it is smaller, `.br` and `.gz` of each.
pub(super) fn compress(plain: &Tree) -> Result<Tree> {
    let mut tree = Tree::default();
    for (path, bytes) in plain.files() {
        tree.add(path, bytes);
        if !shrinks(path) {
            continue;
        }
        for (extension, packed) in [("br", brotli(bytes)?), ("gz", gzip(bytes)?)] {
            if packed.len() < bytes.len() {
                let mut name = path.as_os_str().to_owned();
                name.push(".");
                name.push(extension);
                tree.add(name, packed);
            }
        }
    }
    Ok(tree)
}

fn shrinks(path: &Path) -> bool {
    path.extension().is_some_and(|extension| SHRINKS.iter().any(|known| extension == *known))
}

fn brotli(mut bytes: &[u8]) -> Result<Vec<u8>> {
    let parameters = BrotliEncoderParams {
        quality: BROTLI_QUALITY,
        lgwin: BROTLI_WINDOW,
        size_hint: bytes.len(),
        ..BrotliEncoderParams::default()
    };
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut bytes, &mut packed, &parameters)?;
    Ok(packed)
}

/// The same bytes for the same input: the header carries no time and no name.
fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

#[cfg(test)]
mod tests {
    use std::{io::Read, path::PathBuf};

    use flate2::read::GzDecoder;

    use super::*;

    fn packed(files: &[(&str, &[u8])]) -> Vec<(PathBuf, Vec<u8>)> {
        let mut plain = Tree::default();
        for (path, bytes) in files {
            plain.add(*path, *bytes);
        }
        let tree = compress(&plain).unwrap();
        tree.files().map(|(path, bytes)| (path.to_path_buf(), bytes.to_vec())).collect()
    }

    #[test]
    fn both_variants_unpack_to_the_original() {
        let text = "windlass ".repeat(200).into_bytes();
        let files = packed(&[("a.css", &text)]);
        let names: Vec<_> = files.iter().map(|(path, _)| path.to_str().unwrap()).collect();
        assert_eq!(names, ["a.css", "a.css.br", "a.css.gz"]);

        let mut unpacked = Vec::new();
        brotli::BrotliDecompress(&mut files[1].1.as_slice(), &mut unpacked).unwrap();
        assert_eq!(unpacked, text);
        unpacked.clear();
        GzDecoder::new(files[2].1.as_slice()).read_to_end(&mut unpacked).unwrap();
        assert_eq!(unpacked, text);
    }

    #[test]
    fn what_does_not_shrink_has_no_variants() {
        let text = "windlass ".repeat(200).into_bytes();
        assert_eq!(packed(&[("a.woff2", &text), ("b.js", b"1")]).len(), 2);
    }
}
