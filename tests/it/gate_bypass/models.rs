//! How upstreams and proxies in between map a path to a resource: six known ways, and all of them at once.

#[derive(Clone, Copy, Debug)]
pub(crate) enum Model {
    /// Dot segments removed, unreserved characters decoded, nothing merged (RFC 3986 §6.2.2).
    Rfc3986,
    /// Decoded, then slashes are merged and dot segments removed, as nginx does.
    Nginx,
    /// Parameters are cut off every segment, then as nginx.
    Tomcat,
    /// Decoded, then `\` is replaced by `/`, and case is ignored.
    Iis,
    DoubleDecode,
    CaseFold,
    /// Decoded, then tabs and line ends are left out as URL parsers do, and other control bytes too.
    Printable,
    /// All of these together.
    Everything,
}

impl Model {
    pub(crate) const ALL: [Self; 8] = [
        Self::Rfc3986,
        Self::Nginx,
        Self::Tomcat,
        Self::Iis,
        Self::DoubleDecode,
        Self::CaseFold,
        Self::Printable,
        Self::Everything,
    ];

    /// Whether it maps `path` to `/admin` or to something below it.
    pub(crate) fn finds_admin(self, path: &str) -> bool {
        self.resolve(path).first().is_some_and(|first| first == "admin")
    }

    pub(super) fn resolve(self, path: &str) -> Vec<String> {
        match self {
            Self::Rfc3986 => without_dots(&decoded(path, is_unreserved), false),
            Self::Nginx => without_dots(&decoded(path, any), true),
            Self::Tomcat => without_dots(&decoded(&without_parameters(path), any), true),
            Self::Iis => without_dots(&decoded(path, any).replace('\\', "/").to_lowercase(), true),
            Self::DoubleDecode => without_dots(&decoded(&decoded(path, any), any), true),
            Self::CaseFold => without_dots(&decoded(path, any).to_lowercase(), true),
            Self::Printable => without_dots(&without_control(&decoded(path, any)), true),
            Self::Everything => {
                let decoded = without_control(&decoded(&without_control(&decoded(path, any)), any));
                let path = without_parameters(&decoded.replace('\\', "/")).to_lowercase();
                without_dots(path.split('\0').next().unwrap(), true)
            }
        }
    }
}

fn without_dots(path: &str, merge: bool) -> Vec<String> {
    let mut resolved = Vec::new();
    for segment in path.strip_prefix('/').unwrap_or(path).split('/') {
        match segment {
            "." => {}
            ".." => drop(resolved.pop()),
            "" if merge => {}
            segment => resolved.push(segment.to_owned()),
        }
    }
    resolved
}

fn without_parameters(path: &str) -> String {
    let names: Vec<&str> = path.split('/').map(|segment| segment.split(';').next().unwrap()).collect();
    names.join("/")
}

/// Some parsers end a text at a NUL.
fn without_control(path: &str) -> String {
    path.chars().filter(|c| *c == '\0' || !c.is_ascii_control()).collect()
}

fn decoded(path: &str, which: fn(u8) -> bool) -> String {
    let mut decoded = String::new();
    let mut rest = path;
    while let Some(first) = rest.chars().next() {
        let code = rest.strip_prefix('%').and_then(|rest| u8::from_str_radix(rest.get(..2)?, 16).ok());
        let (piece, taken) = match code {
            Some(code) if which(code) => (char::from(code), 3),
            _ => (first, first.len_utf8()),
        };
        decoded.push(piece);
        rest = &rest[taken..];
    }
    decoded
}

fn any(_: u8) -> bool {
    true
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

#[test]
fn models_resolve_as_they_are_said_to() {
    for (path, finders) in [
        ("/admin", "RNTIDCPE"),
        ("/admin/x", "RNTIDCPE"),
        ("/administrator", ""),
        ("/api/admin", ""),
        ("//admin", "NTIDCPE"),
        ("/api/../admin", "RNTIDCPE"),
        ("/%61dmin", "RNTIDCPE"),
        ("/api/%2e%2e/admin", "RNTIDCPE"),
        ("/api%2f..%2fadmin", "NTIDCPE"),
        ("/admin;x", "TE"),
        ("/api/..;/admin", "TE"),
        ("/ADMIN", "ICE"),
        ("/%5cadmin", "IE"),
        ("/api/%252e%252e/admin", "DE"),
        ("/admin%00x", "E"),
        ("/%09ad%0amin", "PE"),
        ("/api/.%0d./admin", "PE"),
        ("/ad%2509min", "E"),
        ("/%6%0a1dmin", "E"),
    ] {
        let initials = Model::ALL.iter().filter(|model| model.finds_admin(path));
        let initials: String = initials.map(|model| format!("{model:?}").remove(0)).collect();
        assert_eq!(initials, finders, "{path}");
    }
}
