//! What a route does with answers, in a few words.

use humantime::format_duration;

use super::stopped::Place;
use crate::config::{
    AllowedOrigin, Answers, Coding, Compression, Cors, ErrorStatuses, Errors, Listed, SecurityHeaders,
};

/// Those of its layers that it has, the outermost first.
pub(super) fn layers(answers: &Answers) -> impl Iterator<Item = (Place, String)> {
    let Answers { errors, compression, cors, security_headers } = answers;
    let all = [
        security_headers.as_ref().map(|headers| (Place::Security, fields(headers))),
        compression.as_ref().map(|compression| (Place::Compression, compressed(compression))),
        errors.as_ref().map(|errors| (Place::Errors, pages(errors))),
        cors.as_ref().map(|cors| (Place::Cors, readers(cors))),
    ];
    all.into_iter().flatten()
}

/// What is done for all that no route's own pages are for.
pub(super) fn common(errors: &Errors) -> String {
    format!("{}, unless its route says what errors are", pages(errors))
}

fn fields(headers: &SecurityHeaders) -> String {
    let names: Vec<&str> = headers.fields.iter().map(|(name, _)| name.as_str()).collect();
    let how = if headers.replace { "in place of the upstream's" } else { "where the upstream sets none" };
    format!("sets {} {how}", names.join(", "))
}

fn compressed(compression: &Compression) -> String {
    let name = |coding: &Coding| match coding {
        Coding::Gzip => "gzip",
        Coding::Brotli => "br",
        Coding::Zstd => "zstd",
    };
    let names: Vec<&str> = compression.algorithms.iter().map(name).collect();
    format!(
        "compresses answers of {} bytes and more by {}, as the client likes",
        compression.min_size,
        names.join(", ")
    )
}

fn pages(errors: &Errors) -> String {
    let statuses = |of: ErrorStatuses| match of {
        ErrorStatuses::One(status) => status.as_u16().to_string(),
        ErrorStatuses::Class(digit) => format!("{digit}xx"),
    };
    let mut does = Vec::new();
    if !errors.pages.is_empty() {
        let all: Vec<String> = errors.pages.iter().map(|page| statuses(page.of)).collect();
        let whose = if errors.intercept { ", the upstream's too" } else { "" };
        does.push(format!("has pages for {}{whose}", all.join(", ")));
    }
    if errors.problem {
        does.push("has problem details for clients that rather read JSON".to_owned());
    }
    match does.is_empty() {
        true => "leaves a line of text".to_owned(),
        false => does.join("; "),
    }
}

fn readers(cors: &Cors) -> String {
    let origin = |origin: &AllowedOrigin| match origin {
        AllowedOrigin::One(origin) => String::from_utf8_lossy(origin.as_bytes()).into_owned(),
        AllowedOrigin::Below { scheme, end } => format!("{scheme}*{end}"),
    };
    let whose = match &cors.origins {
        Listed::Any => "any origin".to_owned(),
        Listed::These(origins) => origins.iter().map(origin).collect::<Vec<_>>().join(", "),
    };
    let age = cors.max_age.map(|age| format!(", which hold for {}", format_duration(age)));
    format!("lets pages of {whose} read answers, and answers preflights{}", age.unwrap_or_default())
}
