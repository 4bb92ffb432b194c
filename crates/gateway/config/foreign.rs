//! What other proxies call it: nginx, HAProxy, Caddy, Traefik, Envoy and YARP.

/// Names of keys and of some values elsewhere, in small letters with `_`, and what they are here: the first that there is
/// in the table at hand.
const NAMES: &[(&str, &[&str])] = &[
    (
        "upstream upstreams server servers backend backends targets destinations endpoints",
        &["upstreams", "pool", "pools"],
    ),
    (
        "proxy_pass grpc_pass use_backend default_backend reverse_proxy cluster cluster_id clusters service services",
        &["pool", "pools"],
    ),
    ("location path_prefix matches", &["prefix", "route"]),
    ("router routers http handle frontend vhost site", &["route"]),
    ("server_name server_names hostname hostnames hosts domain domains", &["host", "domains"]),
    ("verbs http_methods", &["methods"]),
    ("src source_ip remote_ip source_range", &["client", "allow"]),
    ("order", &["priority"]),
    ("root alias static file_server root_dir", &["files", "root"]),
    ("try_files", &["files", "fallback"]),
    ("return direct_response static_response", &["respond", "redirect"]),
    ("redir redirect_scheme redirect_regex", &["redirect"]),
    ("target", &["to"]),
    ("code status_code", &["status"]),
    ("path_remove_prefix strip_path uri_strip_prefix trim_prefix", &["strip_prefix"]),
    ("path_set replace_path replace_path_regex path_pattern uri_replace", &["rewrite"]),
    ("preserve_host pass_host_header request_header_original_host host_header", &["upstream_host", "host"]),
    ("client_max_body_size max_request_body max_request_body_size body_limit request_body", &["max_body"]),
    (
        "proxy_read_timeout read_timeout timeout_server response_header_timeout activity_timeout",
        &["response_head", "timeouts"],
    ),
    ("proxy_connect_timeout connect_timeout timeout_connect dial_timeout", &["connect", "timeouts"]),
    ("proxy_send_timeout client_body_timeout send_timeout write_timeout", &["body_idle", "timeouts"]),
    ("client_header_timeout read_header_timeout timeout_http_request", &["request_head", "timeouts"]),
    ("keepalive_timeout timeout_http_keep_alive", &["keep_alive", "timeouts"]),
    ("request_timeout", &["request", "timeouts"]),
    ("timeout_tunnel", &["tunnel_idle", "timeouts"]),
    ("keepalive", &["max_idle", "connections"]),
    ("proxy_set_header set_header header_up custom_request_headers", &["request_headers"]),
    ("add_header proxy_hide_header header_down custom_response_headers", &["response_headers"]),
    ("error_page error_pages handle_errors errorfile custom_errors", &["errors"]),
    ("auth_basic", &["basic_auth"]),
    ("auth_basic_user_file users_file user_file htpasswd", &["file", "basic_auth"]),
    ("auth_request", &["forward_auth"]),
    ("auth_response_headers copy_headers auth_request_set", &["copy", "forward_auth"]),
    ("add_auth_cookies_to_response", &["copy_back", "forward_auth"]),
    ("address uri", &["url", "path"]),
    ("port bind", &["address", "listen"]),
    ("limit_req limit_req_zone ratelimit rate average", &["requests", "rate_limit"]),
    ("period", &["per"]),
    (
        "limit_conn in_flight_req max_conns maxconn max_connections",
        &["concurrency", "max_in_flight", "connections"],
    ),
    ("gzip brotli compress encode response_compression", &["compression"]),
    ("ssl https", &["tls"]),
    ("certificate ssl_certificate cert_file", &["cert"]),
    ("private_key ssl_certificate_key key_file certificate_key", &["key"]),
    ("ssl_protocols min_tls_version", &["min_version"]),
    ("ssl_client_certificate client_ca", &["client_ca_file"]),
    ("ssl_verify_client client_certificate_mode", &["client_auth"]),
    ("ca ca_cert root_ca root_cas proxy_ssl_trusted_certificate", &["ca_file"]),
    ("insecure insecure_skip_verify skip_verify proxy_ssl_verify tls_insecure_skip_verify", &["verify"]),
    ("sni proxy_ssl_name tls_server_name", &["server_name"]),
    ("proxy_ssl_certificate", &["client_cert"]),
    ("proxy_ssl_certificate_key", &["client_key"]),
    ("email", &["contact"]),
    ("set_real_ip_from trusted_ips real_ip_header known_proxies", &["trusted_proxies"]),
    (
        "load_balancing load_balancing_policy lb_policy lb algorithm policy strategy ip_hash hash",
        &["balance"],
    ),
    (
        "least_conn leastconn least_requests least_request power_of_two_choices p2c",
        &["least-loaded", "balance"],
    ),
    ("health_check health_checks healthcheck health_uri active_health_check option_httpchk", &["health"]),
    ("healthy_threshold passes", &["rise"]),
    ("unhealthy_threshold fails", &["fall"]),
    ("expect_status expected_status success_codes", &["status"]),
    ("circuit_breaker passive_health_check passive outlier_detection max_fails fail_timeout", &["outliers"]),
    ("proxy_next_upstream retry lb_try_duration lb_retries", &["retries", "failover"]),
    ("sticky session_affinity session sticky_sessions", &["affinity"]),
    ("mirroring proxy_mirror", &["mirror"]),
    ("websocket websockets", &["upgrade"]),
    ("http_version http2 h2c proxy_http_version", &["protocol"]),
    ("access_log", &["access", "log"]),
    ("log_format", &["format", "access"]),
    ("allowed_origins allow_origins access_control_allow_origin", &["origins", "cors"]),
    ("allowed_methods allow_methods", &["methods"]),
    ("allowed_headers allow_headers", &["headers"]),
    ("expose_headers exposed_headers", &["expose"]),
    ("allow_credentials", &["credentials"]),
    ("jwks_url jwks_uri jwks", &["keys_url"]),
    ("jwks_file", &["keys_file"]),
    ("iss authority", &["issuer"]),
    ("aud", &["audience"]),
];

/// What this name of another proxy may be here, best first. Its case and `-` or `_` don't matter.
pub(super) fn ours(written: &str) -> &'static [&'static str] {
    let name = plain(written);
    let row = NAMES.iter().find(|(names, _)| names.split(' ').any(|known| known == name));
    row.map(|(_, ours)| *ours).unwrap_or_default()
}

/// `client-max-body-size`, `clientMaxBodySize` and `ClientMaxBodySize` as `client_max_body_size`.
fn plain(written: &str) -> String {
    let mut plain = String::with_capacity(written.len());
    for letter in written.chars() {
        if letter.is_ascii_uppercase() && !plain.is_empty() && !plain.ends_with('_') {
            plain.push('_');
        }
        plain.push(if letter == '-' { '_' } else { letter.to_ascii_lowercase() });
    }
    plain
}

#[cfg(test)]
mod tests;
