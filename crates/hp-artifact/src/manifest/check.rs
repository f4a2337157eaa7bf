//! Whether the parts of a manifest fit together.

use super::{FORMAT, MANIFEST_FILE, Manifest, PREPROCESSOR_FILE, REFERENCE_FILE};
use crate::container;
use hp_core::config::Role;
use std::collections::BTreeSet;

/// Checks `manifest`; the error says what is wrong.
pub(super) fn check(manifest: &Manifest) -> Result<(), String> {
    if manifest.format_version != FORMAT {
        return Err(format!("there is no format {}", manifest.format_version));
    }
    check_files(manifest)?;
    check_columns(manifest)?;
    check_methods(manifest)?;
    check_serving(manifest)
}

/// Whether `name` can only mean a file directly in a folder, on any system.
pub(crate) fn is_plain(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    !name.is_empty() && name.len() <= 200 && !name.starts_with('.') && name.bytes().all(allowed)
}

fn check_files(manifest: &Manifest) -> Result<(), String> {
    for (name, entry) in &manifest.files {
        if !is_plain(name) || name == MANIFEST_FILE {
            return Err(format!("`{name}` cannot be a file of a version"));
        }
        if entry.bytes > container::MAX_BYTES {
            let limit = container::MAX_BYTES;
            return Err(format!("`{name}` is said to have more than {limit} bytes"));
        }
    }
    let listed = |name: &str| {
        let entry = manifest.files.get(name);
        entry.ok_or_else(|| format!("the file `{name}` is not listed"))
    };
    listed(PREPROCESSOR_FILE)?;
    manifest
        .methods
        .iter()
        .try_for_each(|method| listed(&method.file).map(|_| ()))
}

fn check_columns(manifest: &Manifest) -> Result<(), String> {
    if manifest.schema.features.is_empty() {
        return Err("there are no features".to_owned());
    }
    let names = manifest.schema.columns().map(|column| column.name.as_str());
    unique(names).map_err(|name| format!("the column `{name}` is there twice"))?;
    Ok(())
}

fn check_methods(manifest: &Manifest) -> Result<(), String> {
    let names = manifest.methods.iter().map(|method| method.name.as_str());
    unique(names).map_err(|name| format!("the method `{name}` is there twice"))?;
    let files = manifest.methods.iter().map(|method| method.file.as_str());
    let files = unique(files.chain([PREPROCESSOR_FILE, REFERENCE_FILE]))
        .map_err(|file| format!("the file `{file}` belongs to two objects"))?;
    match manifest
        .files
        .keys()
        .find(|name| !files.contains(name.as_str()))
    {
        Some(name) => Err(format!("the file `{name}` belongs to no object")),
        None => Ok(()),
    }
}

fn check_serving(manifest: &Manifest) -> Result<(), String> {
    for role in Role::ALL {
        let name = &manifest.serving.of(role).method;
        match manifest.method(name) {
            Some(method) if method.role == role => {}
            _ => {
                return Err(format!(
                    "`{name}` is not a method of the role `{}`",
                    role.name()
                ));
            }
        }
    }
    Ok(())
}

/// The names as a set; the first that comes a second time is the error.
fn unique<'a>(names: impl Iterator<Item = &'a str>) -> Result<BTreeSet<&'a str>, &'a str> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(name);
        }
    }
    Ok(seen)
}
