//! `files`: the files below a directory.

use std::path::PathBuf;

use toml::de::DeValue;

use crate::config::context::Context;
use crate::config::model::{Coding, Files, Symlinks};
use crate::config::report::{Problem, Report};
use crate::config::section::Section;
use crate::config::values::{self, Value, quoted};

const FILES: &str = "a directory such as \"/srv/www\", or a table such as { root = \"/srv/www\" }";
const ROOT: &str = "a directory, such as \"/srv/www\"";
const CODINGS: &str = "true, or codings such as [\"br\", \"gzip\"]";
const FALLBACK: &str = "a file below the root, such as \"/index.html\"";
const SYMLINKS: &str = "\"inside\" or \"anywhere\"";

/// Reads `files`: a directory, or a table. `None` if it isn't there, or isn't valid.
pub(in crate::config::route) fn files(
    route: &mut Section<'_>,
    context: &Context<'_>,
    report: &mut Report,
) -> Option<Files> {
    let value = route.take("files")?;
    let path = route.path_to("files");
    if let DeValue::String(_) = value.get_ref() {
        let root = root(&value, context).map_err(|problem| problem.about(&path));
        return report.keep(root).map(Files::below);
    }
    let mut section = report.keep(Section::open(path, value, FILES))?;
    if !section.has("root") {
        report.error(section.problem("has no root").expecting(FILES));
    }
    let root = section.read("root", report, |value| root(value, context)).unwrap_or_default();
    let usual = Files::below(root);
    let files = Files {
        index: section.read("index", report, values::boolean).unwrap_or(usual.index),
        html: section.read("html", report, values::boolean).unwrap_or(usual.html),
        precompressed: precompressed(&mut section, report),
        fallback: section.read("fallback", report, |value| fallback(value, &usual)),
        symlinks: section
            .read(
                "symlinks",
                report,
                values::choice(SYMLINKS, [("inside", Symlinks::Inside), ("anywhere", Symlinks::Anywhere)]),
            )
            .unwrap_or_default(),
        ..usual
    };
    section.finish(report);
    Some(files)
}

fn root(value: &Value<'_>, context: &Context<'_>) -> Result<PathBuf, Problem> {
    let name = values::text(value, ROOT)?;
    let root = context.path_of(name);
    match root.metadata() {
        Ok(found) if found.is_dir() => Ok(root),
        Ok(_) => Err(Problem::new(value.span(), format!("{} is no directory", quoted(name))).expecting(ROOT)),
        Err(error) => {
            let message = format!("{} can't be served: {error}", quoted(name));
            Err(Problem::new(value.span(), message).expecting(ROOT))
        }
    }
}

fn precompressed(section: &mut Section<'_>, report: &mut Report) -> Vec<Coding> {
    let Some(value) = section.take("precompressed") else { return Vec::new() };
    if let DeValue::Boolean(all) = value.get_ref() {
        return if *all { vec![Coding::Zstd, Coding::Brotli, Coding::Gzip] } else { Vec::new() };
    }
    let path = section.path_to("precompressed");
    let items = report.keep(values::list(value, CODINGS).map_err(|problem| problem.about(&path)));
    let read = |value: &Value<'_>| report.keep(coding(value).map_err(|problem| problem.about(&path)));
    items.map(|items| items.get_ref().iter().filter_map(read).collect()).unwrap_or_default()
}

/// Reads the name of a content coding.
pub(in crate::config::route) fn coding(value: &Value<'_>) -> Result<Coding, Problem> {
    const NAMES: &str = "\"gzip\", \"br\" or \"zstd\"";
    values::choice(NAMES, [("gzip", Coding::Gzip), ("br", Coding::Brotli), ("zstd", Coding::Zstd)])(value)
}

/// Reads the path of a file, with or without its first slash. The file has to be there.
fn fallback(value: &Value<'_>, files: &Files) -> Result<String, Problem> {
    let text = values::text(value, FALLBACK)?;
    let name = text.trim_start_matches('/');
    let refuse =
        |why: &str| Problem::new(value.span(), format!("{} {why}", quoted(text))).expecting(FALLBACK);
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~/".contains(&b);
    if name.is_empty() || !name.bytes().all(is_plain) || name.split('/').any(|part| part.starts_with('.')) {
        return Err(refuse("is no path that may be served"));
    }
    if !files.root.join(name).is_file() {
        return Err(refuse("isn't there"));
    }
    Ok(format!("/{name}"))
}
