//! Archives: made, loaded, and made by someone hostile.

use crate::sample::{Sample, chain, names};
use hp_artifact::{ArtifactError, Extra, What, load, package, read_archive, verify};
use hp_core::fingerprint::Fingerprint;
use proptest::prelude::*;
use std::fs;
use std::path::{Path, PathBuf};
use tar::{EntryType, Header};

const CARD: Extra<'_> = Extra {
    name: "MODEL_CARD.md",
    bytes: b"# Model card\n",
};

/// A version and its archive.
fn packaged() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    Sample::new(20.0).write(folder.path());
    let out = folder.path().join("v1.0.0.tar.zst");
    package(&folder.path().join("v1.0.0"), &[CARD], &out).unwrap();
    (folder, out)
}

#[test]
fn loads_like_the_folder() {
    let (folder, out) = packaged();
    let from_folder = load(&folder.path().join("v1.0.0"), What::All).unwrap();
    assert_eq!(load(&out, What::All).unwrap(), from_folder);
    assert_eq!(&verify(&out).unwrap(), from_folder.manifest());
    let visible = [".lock", "v1.0.0", "v1.0.0.tar.zst", "v1.0.0.tar.zst.sha256"];
    assert_eq!(names(folder.path()), visible);
}

#[test]
fn gives_single_files() {
    let (_folder, out) = packaged();
    let card = read_archive(&out).unwrap().remove(CARD.name);
    assert_eq!(card.as_deref(), Some(CARD.bytes));
    assert_eq!(read_archive(&out).unwrap().remove("other"), None);
}

#[test]
fn gives_all_files_of_a_sound_archive() {
    let (folder, out) = packaged();
    let version = folder.path().join("v1.0.0");
    let entries = read_archive(&out).unwrap();
    for name in names(&version) {
        assert_eq!(entries[&name], fs::read(version.join(name)).unwrap());
    }
    assert_eq!(entries[CARD.name], CARD.bytes);
    assert_eq!(entries.len(), 8);

    let error = read_archive(&version).unwrap_err();
    assert!(matches!(error, ArtifactError::Foreign { .. }), "{error}");
    fs::write(folder.path().join("v1.0.0.tar.zst.sha256"), "").unwrap();
    let error = read_archive(&out).unwrap_err();
    assert!(matches!(error, ArtifactError::Damaged { .. }), "{error}");
}

#[test]
fn is_the_same_every_time() {
    let (folder, out) = packaged();
    let first = fs::read(&out).unwrap();
    // A leftover of a killed packager.
    fs::write(folder.path().join(".hp-file-AbCdEf"), "").unwrap();
    let done = package(&folder.path().join("v1.0.0"), &[CARD], &out).unwrap();
    assert_eq!(fs::read(&out).unwrap(), first);
    assert_eq!(done.sha256, Fingerprint::of(&first));
    assert_eq!(done.bytes, first.len() as u64);
    let line = fs::read_to_string(&done.checksum).unwrap();
    assert_eq!(line, format!("{}  v1.0.0.tar.zst\n", done.sha256));
    assert!(!folder.path().join(".hp-file-AbCdEf").exists());
}

#[test]
fn carries_what_it_should() {
    let (_folder, out) = packaged();
    let mut archive = tar::Archive::new(zstd::Decoder::new(fs::File::open(out).unwrap()).unwrap());
    let mut seen = Vec::new();
    for entry in archive.entries().unwrap() {
        let entry = entry.unwrap();
        let header = entry.header();
        let facts = (header.mode(), header.mtime(), header.uid(), header.gid());
        assert_eq!(facts.0.unwrap(), 0o644);
        assert_eq!(
            [facts.1.unwrap(), facts.2.unwrap(), facts.3.unwrap()],
            [0; 3]
        );
        seen.push(entry.path().unwrap().display().to_string());
    }
    assert_eq!(seen[0], "v1.0.0/MODEL_CARD.md");
    assert_eq!(seen.len(), 8);
    assert!(seen.is_sorted());
}

#[test]
fn unsound_versions_and_names_are_not_packaged() {
    let (folder, out) = packaged();
    let version = folder.path().join("v1.0.0");
    for name in [
        "../card",
        "manifest.json",
        "preprocessor.bin",
        ".hidden",
        "",
        "a/b",
    ] {
        let error = package(&version, &[Extra { name, bytes: b"" }], &out).unwrap_err();
        assert!(matches!(error, ArtifactError::Entry { .. }), "{error}");
    }
    verify(&out).unwrap();
    fs::remove_file(version.join("preprocessor.bin")).unwrap();
    package(&version, &[], &out).unwrap_err();
    verify(&out).unwrap();
}

#[test]
fn what_could_not_be_loaded_replaces_nothing() {
    let (folder, out) = packaged();
    let bytes = vec![0; 40 << 20];
    let bomb = Extra {
        name: "notes.txt",
        bytes: &bytes,
    };
    let error = package(&folder.path().join("v1.0.0"), &[bomb], &out).unwrap_err();
    assert!(matches!(error, ArtifactError::Archive { .. }), "{error}");
    verify(&out).unwrap();
    let visible = [".lock", "v1.0.0", "v1.0.0.tar.zst", "v1.0.0.tar.zst.sha256"];
    assert_eq!(names(folder.path()), visible);
}

#[cfg(unix)]
#[test]
fn archives_are_as_readable_as_any_other_file() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, out) = packaged();
    let plain = folder.path().join("plain");
    fs::write(&plain, "").unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(&out), mode(&plain));
}

#[test]
fn the_checksum_file_is_believed() {
    let (folder, out) = packaged();
    let other = format!("{}  v1.0.0.tar.zst\n", Fingerprint::of(b""));
    fs::write(folder.path().join("v1.0.0.tar.zst.sha256"), other).unwrap();
    let error = verify(&out).unwrap_err();
    assert!(matches!(error, ArtifactError::Damaged { .. }), "{error}");
}

/// One entry of a hostile archive.
struct Entry {
    name: &'static str,
    kind: EntryType,
    bytes: Vec<u8>,
}

fn file(name: &'static str) -> Entry {
    Entry {
        name,
        kind: EntryType::Regular,
        bytes: vec![0; 10],
    }
}

/// Writes an archive byte by byte: the library would refuse some of the names.
fn hostile(path: &Path, entries: &[Entry]) {
    let encoder = zstd::Encoder::new(fs::File::create(path).unwrap(), 1).unwrap();
    let mut archive = tar::Builder::new(encoder);
    for entry in entries {
        let mut header = Header::new_gnu();
        header.as_old_mut().name[..entry.name.len()].copy_from_slice(entry.name.as_bytes());
        header.set_entry_type(entry.kind);
        header.set_mode(0o644);
        header.set_size(entry.bytes.len() as u64);
        header.as_old_mut().linkname[..11].copy_from_slice(b"/etc/passwd");
        header.set_cksum();
        archive.append(&header, entry.bytes.as_slice()).unwrap();
    }
    archive.into_inner().unwrap().finish().unwrap();
}

fn refusal(entries: &[Entry]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tar.zst");
    hostile(&path, entries);
    let error = load(&path, What::Served).unwrap_err();
    assert_eq!(names(folder.path()), ["a.tar.zst"]);
    chain(&error).replace(&format!("{}/", folder.path().display()), "")
}

#[test]
fn entries_that_lead_elsewhere_are_refused() {
    let not_allowed =
        |name: &str| format!("`a.tar.zst` contains `{name}`, a name that is not allowed");
    for name in [
        "../evil",
        "/etc/passwd",
        "v1/../evil",
        "v1/.hidden",
        "v1/a/b",
        "v1/",
        "C:evil",
        "a\\b",
    ] {
        assert_eq!(
            refusal(&[file(name)]),
            not_allowed(&name.escape_default().to_string())
        );
    }
    let folder = Entry {
        kind: EntryType::Directory,
        bytes: vec![],
        ..file("../")
    };
    assert_eq!(refusal(&[folder]), not_allowed("../"));
}

#[test]
fn entries_that_are_no_files_are_refused() {
    for kind in [EntryType::Symlink, EntryType::Link] {
        let link = Entry {
            kind,
            bytes: vec![],
            ..file("v1/manifest.json")
        };
        assert_eq!(
            refusal(&[link]),
            "`a.tar.zst` contains `v1/manifest.json`, a link"
        );
    }
    for kind in [
        EntryType::Char,
        EntryType::Block,
        EntryType::Fifo,
        EntryType::GNUSparse,
    ] {
        let device = Entry {
            kind,
            bytes: vec![],
            ..file("v1/manifest.json")
        };
        let text = refusal(&[device]);
        assert!(
            text.starts_with("`a.tar.zst` contains") || text.contains("cannot unpack"),
            "{text}"
        );
    }
}

#[test]
fn ambiguous_entries_are_refused() {
    let twice = [file("v1/a.bin"), file("v1/a.bin")];
    assert_eq!(
        refusal(&twice),
        "`a.tar.zst` contains `v1/a.bin`, which is there twice"
    );
    let apart = [file("v1/a.bin"), file("v2/b.bin")];
    let text = "`a.tar.zst` contains `v2/b.bin`, which is not in the same folder as the others";
    assert_eq!(refusal(&apart), text);
}

#[test]
fn an_archive_without_a_manifest_is_no_artifact() {
    assert_eq!(refusal(&[]), "`a.tar.zst/manifest.json` does not exist");
}

#[test]
fn bombs_do_not_go_off() {
    let bomb = Entry {
        bytes: vec![0; 40 << 20],
        ..file("v1/a.bin")
    };
    assert_eq!(
        refusal(&[bomb]),
        "cannot unpack `a.tar.zst`: it unpacks to far more than models need"
    );
    let names: Vec<&'static str> = (0..1001).map(|n| &*format!("v1/{n}").leak()).collect();
    let crowd: Vec<Entry> = names
        .into_iter()
        .map(|name| Entry {
            bytes: vec![],
            ..file(name)
        })
        .collect();
    assert!(refusal(&crowd).ends_with("more entries than an artifact has"));
}

#[test]
fn archives_that_tar_made_load_too() {
    let (folder, _) = packaged();
    let out = folder.path().join("again.tar.zst");
    let encoder = zstd::Encoder::new(fs::File::create(&out).unwrap(), 1).unwrap();
    let mut archive = tar::Builder::new(encoder);
    archive
        .append_dir_all("v1.0.0", folder.path().join("v1.0.0"))
        .unwrap();
    archive.into_inner().unwrap().finish().unwrap();
    load(&out, What::All).unwrap();
}

#[test]
fn other_files_are_called_foreign() {
    let folder = tempfile::tempdir().unwrap();
    for bytes in [b"".as_slice(), b"PK\x03\x04", b"x,y\n1,2\n"] {
        let path = folder.path().join("file");
        fs::write(&path, bytes).unwrap();
        let error = load(&path, What::Served).unwrap_err();
        assert!(matches!(error, ArtifactError::Foreign { .. }), "{error}");
    }
    let error = load(&folder.path().join("none"), What::Served).unwrap_err();
    assert!(matches!(error, ArtifactError::Missing { .. }), "{error}");
}

#[test]
fn damage_never_gives_another_model() {
    let (folder, out) = packaged();
    let bytes = fs::read(&out).unwrap();
    let whole = load(&out, What::All).unwrap();
    let damaged = folder.path().join("damaged.tar.zst");
    proptest!(|(at in any::<prop::sample::Index>(), bit in 0..8)| {
        let place = at.index(bytes.len());
        fs::write(&damaged, &bytes[..place]).unwrap();
        prop_assert!(load(&damaged, What::All).is_err());
        let mut flipped = bytes.clone();
        flipped[place] ^= 1_u8 << bit;
        fs::write(&damaged, &flipped).unwrap();
        // Some bits of the compressed stream mean nothing.
        if let Ok(artifact) = load(&damaged, What::All) {
            prop_assert_eq!(&artifact, &whole);
        }
    });
}
