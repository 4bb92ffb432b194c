use super::*;
use crate::config::schema::tables_with_any;

#[test]
fn each_name_is_there_once_and_is_something_here() {
    let mut all: Vec<&str> = NAMES.iter().flat_map(|(names, _)| names.split(' ')).collect();
    let count = all.len();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), count);
    for key in NAMES.iter().flat_map(|(_, ours)| *ours).filter(|ours| !ours.contains('-')) {
        assert!(tables_with_any(key), "{key} is no key");
    }
    for name in all {
        assert_eq!(plain(name), name);
    }
}

#[test]
fn any_way_of_writing_it_will_do() {
    for name in ["client_max_body_size", "client-max-body-size", "clientMaxBodySize", "ClientMaxBodySize"] {
        assert_eq!(ours(name), ["max_body"], "{name}");
    }
    assert!(ours("max_body").is_empty() && ours("").is_empty());
}
