//! Checks the whole file: from its tables to a [`Config`]. A check that finds an error reports it, and the next ones
//! still run.

use ipnet::IpNet;
use proxy_service::ForwardedHeaders;
use toml::Spanned;
use toml::de::DeTable;

use super::admin::admin;
use super::context::Context;
use super::dns::dns;
use super::listen::listen;
use super::log::log;
use super::model::{Config, Limits};
use super::pages::pages;
use super::pools::pools;
use super::redis::redis;
use super::report::{Problem, Report};
use super::route::{common_errors, routes};
use super::section::Section;
use super::timeouts::timeouts;
use super::traces::traces;
use super::values;
use super::workers::{processors, workers};

const PROXIES: &str = "an array of networks, such as [\"10.0.0.0/8\"]";

/// Reads every table of the file. The result must not be used if the report has errors.
pub(super) fn check(document: Spanned<DeTable<'_>>, context: &Context<'_>, report: &mut Report) -> Config {
    let mut root = Section::root(document);
    let listen = listen(&mut root, context, report);
    let workers = root.read("workers", report, workers);
    let trusted_proxies = trusted_proxies(&mut root, report);
    let forwarded = root.read("forwarded", report, forwarded);
    let header_case = root.read("header_case", report, values::header_case);
    let timeouts = timeouts(&mut root, report);
    let limits = limits(&mut root, report);
    let dns = dns(&mut root, report);
    let log = log(&mut root, context, report);
    let traces = traces(&mut root, report);
    let pools = pools(&mut root, &timeouts, context, report);
    let routes = routes(&mut root, &pools, context, report);
    let redis = redis(&mut root, &routes, context, report);
    let pages = pages(&mut root, report).beside(&routes, report);
    let errors = common_errors(&mut root, context, report);
    let admin = admin(&mut root, &listen, context, report);
    root.finish(report);

    pools.warn_of_unused(&routes, report);
    Config {
        listen,
        workers: workers.unwrap_or_else(processors),
        trusted_proxies,
        forwarded: forwarded.unwrap_or_default(),
        header_case: header_case.unwrap_or_default(),
        timeouts,
        limits,
        dns,
        log,
        traces,
        pages,
        errors,
        admin,
        redis,
        pools: pools.into_list(),
        routes,
        warnings: Vec::new(),
        origin: None,
    }
}

fn forwarded(value: &values::Value<'_>) -> Result<ForwardedHeaders, Problem> {
    let choices = [
        ("x-forwarded", ForwardedHeaders::XForwarded),
        ("rfc7239", ForwardedHeaders::Rfc7239),
        ("both", ForwardedHeaders::Both),
    ];
    values::choice("\"x-forwarded\", \"rfc7239\" or \"both\"", choices)(value)
}

fn trusted_proxies(root: &mut Section<'_>, report: &mut Report) -> Vec<IpNet> {
    let path = root.path_to("trusted_proxies");
    let items = root.list("trusted_proxies", report, PROXIES).map(Spanned::into_inner).unwrap_or_default();
    let networks = items.iter().filter_map(|value| {
        let network = report.keep(values::network(value).map_err(|problem| problem.about(&path)))?;
        if network.prefix_len() == 0 {
            let message = "every peer is trusted to say who its client is";
            let expected = "the networks of your own proxies";
            report.warning(Problem::new(value.span(), message).expecting(expected).about(&path));
        }
        Some(network)
    });
    networks.collect()
}

/// Reads `[limits]`. `http::Uri` can't hold more than 65 534 bytes.
fn limits(root: &mut Section<'_>, report: &mut Report) -> Limits {
    let default = Limits::default();
    let Some(mut section) = root.section("limits", report, "a table: [limits]") else {
        return default;
    };
    let header_section = section.read("header_section", report, values::size(8 << 10..=16 << 20));
    let header_fields = section.read("header_fields", report, values::count(1..=10_000));
    let response_section = section.read("response_section", report, values::size(1 << 10..=16 << 20));
    let response_fields = section.read("response_fields", report, values::count(1..=10_000));
    let uri = section.read("uri", report, values::size(1..=65_534));
    let connections = section.read("connections", report, values::count(1..=1_000_000));
    let handshakes = section.read("handshakes", report, values::count(1..=1_000_000));
    let buffers = section.read("buffers", report, values::size(0..=1 << 40));
    section.finish(report);
    Limits {
        header_section: header_section.unwrap_or(default.header_section),
        header_fields: header_fields.unwrap_or(default.header_fields),
        response_section: response_section.unwrap_or(default.response_section),
        response_fields: response_fields.unwrap_or(default.response_fields),
        uri: uri.unwrap_or(default.uri),
        connections: connections.unwrap_or(default.connections),
        handshakes: handshakes.unwrap_or(default.handshakes),
        buffers: buffers.unwrap_or(default.buffers),
    }
}
