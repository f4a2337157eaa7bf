//! The files of the page, compressed once.

use axum::body::Bytes;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use hp_core::fingerprint::Fingerprint;
use plotly::Plot;
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::sync::LazyLock;

/// Every file of the page: its path below `assets`, and its bytes.
macro_rules! files {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../../assets/", $name)))),*]
    };
}

/// The scripts and styles; `index.html` names them as `assets/…`.
static FILES: &[(&str, &str)] = &files![
    "app.js",
    "app/api.js",
    "app/cards.js",
    "app/chart.js",
    "app/controls.js",
    "app/detail.js",
    "app/dom.js",
    "app/format.js",
    "app/histogram.js",
    "app/inputs.js",
    "app/key.js",
    "app/live.js",
    "app/outcomes.js",
    "app/panel.js",
    "app/records.js",
    "app/rows.js",
    "app/series.js",
    "app/series/buckets.js",
    "app/series/drawings.js",
    "app/series/legend.js",
    "app/series/paths.js",
    "app/series/points.js",
    "app/state.js",
    "app/status.js",
    "app/tabs.js",
    "app/theme.js",
    "app/uncertain.js",
    "icon.svg",
    "style.css",
    "theme.js",
];

/// The page itself.
static INDEX: &str = include_str!("../../assets/index.html");

/// The path of the library that draws the charts.
const PLOTLY: &str = "plotly.min.js";

/// A file as it is sent.
pub(super) struct Asset {
    /// The bytes by gzip.
    gzip: Bytes,
    /// The media type.
    pub(super) media_type: &'static str,
    /// The beginning of the digest of the bytes.
    pub(super) digest: String,
}

/// The page and its files by path below `assets`; the page is `index.html`.
static ASSETS: LazyLock<BTreeMap<&str, Asset>> = LazyLock::new(|| {
    let files = FILES
        .iter()
        .map(|&(name, text)| (name, Asset::new(name, text)));
    let mut assets: BTreeMap<_, _> = files.collect();
    assets.insert(
        PLOTLY,
        Asset::new(PLOTLY, plotly(&Plot::offline_js_sources())),
    );
    let page = with_digests(INDEX, &assets);
    assets.insert("index.html", Asset::new("index.html", &page));
    assets
});

/// The paths that need no key.
static OPEN_PATHS: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let files = FILES.iter().map(|(name, _)| *name).chain([PLOTLY]);
    // Once for the life of the program.
    let paths = files.map(|name| &*format!("/assets/{name}").leak());
    paths.chain(["/", "/livez"]).collect()
});

/// Compresses the files now rather than at the first request. This takes a moment.
pub fn prepare() {
    LazyLock::force(&ASSETS);
}

/// The paths that need no key: the page and its files, which hold no data.
pub(super) fn open_paths() -> &'static [&'static str] {
    &OPEN_PATHS
}

/// The file at `name` below `assets`.
pub(super) fn find(name: &str) -> Option<&'static Asset> {
    ASSETS.get(name)
}

/// The page.
pub(super) fn page() -> Option<&'static Asset> {
    ASSETS.get("index.html")
}

impl Asset {
    fn new(name: &str, text: &str) -> Self {
        Self {
            gzip: gzip(text.as_bytes(), Compression::default()).into(),
            media_type: media_type(name),
            digest: Fingerprint::of(text.as_bytes()).short(),
        }
    }

    /// The bytes by gzip.
    pub(super) fn compressed(&self) -> Bytes {
        self.gzip.clone()
    }

    /// The bytes themselves.
    pub(super) fn plain(&self) -> std::io::Result<Bytes> {
        let mut bytes = Vec::new();
        GzDecoder::new(&*self.gzip).read_to_end(&mut bytes)?;
        Ok(bytes.into())
    }
}

/// `bytes` by gzip.
pub(super) fn gzip(bytes: &[u8], level: Compression) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), level);
    // A vector takes everything.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

/// The library out of the first of the `scripts`; the second one, which sets formulas, is left out.
fn plotly(scripts: &str) -> &str {
    let script = scripts.split_once('>').map_or("", |(_, rest)| rest);
    script
        .split_once("</script>")
        .map_or("", |(script, _)| script)
}

/// The page whose links carry the digest of each file, so that it can be kept for ever.
fn with_digests(page: &str, assets: &BTreeMap<&str, Asset>) -> String {
    let mut page = page.to_owned();
    for (name, asset) in assets {
        let link = format!("assets/{name}\"");
        page = page.replace(&link, &format!("assets/{name}?v={}\"", asset.digest));
    }
    page
}

#[cfg(test)]
mod tests {
    use super::{find, open_paths, page};

    #[test]
    fn the_charts_are_there_and_formulas_are_not() {
        let plotly = find("plotly.min.js").unwrap().plain().unwrap();
        let text = str::from_utf8(&plotly).unwrap();
        assert!(text.contains("plotly.js v"), "{}", &text[..200]);
        assert!(!text.contains("MathJax.loader") && !text.contains("<script"));
        assert!(text.trim_end().ends_with([';', ')', '}']));
    }

    #[test]
    fn every_link_of_the_page_leads_to_a_file() {
        let page = page().unwrap().plain().unwrap();
        let page = str::from_utf8(&page).unwrap();
        let links: Vec<_> = page.split("assets/").skip(1).collect();
        assert!(!links.is_empty());
        for link in links {
            let (name, rest) = link.split_once("?v=").unwrap();
            let asset = find(name).unwrap();
            assert!(rest.starts_with(&asset.digest), "{link}");
            assert!(open_paths().contains(&&*format!("/assets/{name}")));
        }
        assert!(find("../Cargo.toml").is_none() && find("").is_none());
    }
}
