//! A target that parses is what it says: one scheme, one authority without user information, one base path.
#![no_main]

use libfuzzer_sys::fuzz_target;
use proxy_service::{Target, path};

fuzz_target!(|text: &str| {
    let target = match text.parse::<Target>() {
        Ok(target) => target,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    let shown = target.to_string();
    assert_eq!(shown.parse::<Target>().as_ref(), Ok(&target), "{text:?} came back different");
    assert!(matches!(target.scheme().as_str(), "http" | "https"));
    assert!(
        !target.authority().as_str().contains('@') && !shown.contains(['?', '#', '@'])
            || base_has_at(&target)
    );
    assert_ne!(target.authority().port_u16(), Some(0));
    assert!(!target.authority().host().is_empty());
    let base = target.base_path();
    assert!(base.is_empty() || base.starts_with('/') && !base.ends_with('/'), "{base:?}");
    assert_eq!(path::check(base), Ok(()));
    assert!(
        text.to_ascii_lowercase()
            .starts_with(&shown[..target.scheme().as_str().len() + 3].to_ascii_lowercase())
    );
    assert!(text.contains(target.authority().as_str()) && text.contains(base));
});

/// An `@` in a path is no user information.
fn base_has_at(target: &Target) -> bool {
    target.base_path().contains('@') && !target.authority().as_str().contains('@')
}
