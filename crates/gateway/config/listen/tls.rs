//! `tls` of a listener: its certificates, and what it asks of clients.

use std::sync::Arc;

#[cfg(feature = "acme")]
use super::acme::acme;
use super::hsts::hsts;
use crate::config::authorities::authorities;
use crate::config::certificate_files::CertificateFiles;
use crate::config::context::Context;
use crate::config::key_pair::{Keys, Pair};
use crate::config::model::{
    ClientAuth, ClientAuthNeed, ListenTls, ServerCertificate, TlsVersion, UnknownNames,
};
use crate::config::report::{Problem, Report};
use crate::config::section::Section;
use crate::config::values::{self, Value};
use crate::config::{ocsp, pem};

const TLS: &str = "a table such as { cert = \"site.pem\", key = \"site-key.pem\" }";
const CERTIFICATES: &str = "an array such as [{ cert = \"a.pem\", key = \"a.key\" }]";
const CERTIFICATE: &str = "a table such as { cert = \"a.pem\", key = \"a.key\" }";
const VERSION: &str = "\"1.2\" or \"1.3\"";
const UNKNOWN_NAMES: &str = "\"default\" or \"refuse\"";
const NEED: &str = "\"required\" or \"optional\"";

/// The certificate and its key.
const KEYS: Keys = Keys { cert: "cert", key: "key" };

/// Reads `tls`. `None` if it is missing, or no table.
pub(super) fn tls(
    listener: &mut Section<'_>,
    context: &Context<'_>,
    report: &mut Report,
) -> Option<ListenTls> {
    let mut section = listener.section("tls", report, TLS)?;
    let certificates = certificates(&mut section, context, report);
    let unknown_names = section.read("unknown_names", report, unknown_names);
    let min_version = section.read("min_version", report, version);
    let client_auth = client_auth(&mut section, context, report);
    let hsts = hsts(&mut section, report);
    #[cfg(feature = "acme")]
    let acme = acme(&mut section, context, report).map(Arc::new);
    section.finish(report);
    Some(ListenTls {
        certificates,
        unknown_names: unknown_names.unwrap_or_default(),
        min_version: min_version.unwrap_or_default(),
        client_auth,
        hsts,
        #[cfg(feature = "acme")]
        acme,
    })
}

/// One certificate in the table itself, or several in an array.
fn certificates(tls: &mut Section<'_>, context: &Context<'_>, report: &mut Report) -> Vec<ServerCertificate> {
    let has_one = tls.has("cert") || tls.has("key");
    if has_one && tls.has("certificates") {
        let problem = tls.problem("has a certificate of its own beside certificates");
        report.error(problem.expecting("cert and key, or certificates"));
    }
    let one = certificate(tls, context, report);
    let path = tls.path_to("certificates");
    let Some(list) = tls.list("certificates", report, CERTIFICATES) else {
        if !has_one && !tls.has("acme") {
            report.error(tls.problem("has no certificate").expecting(TLS));
        }
        return one.into_iter().collect();
    };
    if list.get_ref().is_empty() {
        let problem = Problem::new(list.span(), "is empty").expecting("at least one certificate");
        report.error(problem.about(&path));
    }
    let tables = list.into_inner().into_iter().enumerate();
    tables.filter_map(|(index, value)| listed(format!("{path}[{index}]"), value, context, report)).collect()
}

fn listed(
    path: String,
    value: Value<'_>,
    context: &Context<'_>,
    report: &mut Report,
) -> Option<ServerCertificate> {
    let mut section = report.keep(Section::open(path, value, CERTIFICATE))?;
    if !section.has("cert") && !section.has("key") {
        report.error(section.problem("has no cert and has no key").expecting(CERTIFICATE));
    }
    let certificate = certificate(&mut section, context, report);
    section.finish(report);
    certificate
}

/// Reads `cert`, `key` and `ocsp`.
fn certificate(
    table: &mut Section<'_>,
    context: &Context<'_>,
    report: &mut Report,
) -> Option<ServerCertificate> {
    let pair = KEYS.read(table, context, report);
    let ocsp = table.read("ocsp", report, |value| {
        let path = pem::path(value, context)?;
        Ok((path, pem::within(value, context, ocsp::response_in)?))
    });
    let Pair { mut certified, cert, key } = pair?;
    let (ocsp, response) = ocsp.unzip();
    certified.ocsp = response;
    let files = CertificateFiles { cert, key, ocsp };
    Some(ServerCertificate { certified: Arc::new(certified), files: Some(files) })
}

/// Reads `client_ca_file` and `client_auth`. With an authority, a certificate is required unless it is said to be
/// optional.
fn client_auth(tls: &mut Section<'_>, context: &Context<'_>, report: &mut Report) -> Option<ClientAuth> {
    let has_authorities = tls.has("client_ca_file");
    let authorities = tls.read("client_ca_file", report, |value| authorities(value, context));
    let need = tls.read("client_auth", report, |value| match has_authorities {
        true => need(value),
        false => {
            Err(Problem::new(value.span(), "there is no authority whose certificates would be accepted")
                .expecting("client_ca_file beside it"))
        }
    });
    let (authorities, roots) = authorities?;
    Some(ClientAuth { authorities, roots: Arc::new(roots), need: need.unwrap_or_default() })
}

fn need(value: &Value<'_>) -> Result<ClientAuthNeed, Problem> {
    let choices = [("required", ClientAuthNeed::Required), ("optional", ClientAuthNeed::Optional)];
    values::choice(NEED, choices)(value)
}

fn version(value: &Value<'_>) -> Result<TlsVersion, Problem> {
    values::choice(VERSION, [("1.2", TlsVersion::V1_2), ("1.3", TlsVersion::V1_3)])(value)
}

fn unknown_names(value: &Value<'_>) -> Result<UnknownNames, Problem> {
    let choices = [("default", UnknownNames::Default), ("refuse", UnknownNames::Refuse)];
    values::choice(UNKNOWN_NAMES, choices)(value)
}
