//! How many file descriptors this process may have open.

/// The soft limit of `RLIMIT_NOFILE`. `None` if there is no procfs, or no limit.
pub(super) fn soft_limit() -> Option<usize> {
    parse(&std::fs::read_to_string("/proc/self/limits").ok()?)
}

/// Reads the soft limit out of proc(5)'s table: `Max open files   <soft>   <hard>   files`.
fn parse(limits: &str) -> Option<usize> {
    let row = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    row.split_ascii_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn the_soft_limit_is_the_first_number_of_its_row() {
        let table = "Limit                     Soft Limit           Hard Limit           Units     \n\
                     Max processes             7                    8                    processes \n\
                     Max open files            1024                 524288               files     \n";
        assert_eq!(parse(table), Some(1024));
        assert_eq!(parse("Max open files            unlimited            unlimited            files"), None);
        assert_eq!(
            parse("Max processes             7                    8                    processes"),
            None
        );
    }
}
