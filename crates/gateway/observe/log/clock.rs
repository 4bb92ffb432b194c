//! Writes the times in log lines: RFC 3339 in UTC, to the microsecond.

use std::cell::Cell;
use std::fmt::Write as _;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The length of a text such as `2026-11-29T09:14:29`.
const SECOND: usize = 19;

std::thread_local! {
    /// The second of this thread's last line, and its text. Computing a date is slow, and most lines have the same
    /// second as the one before.
    static LAST: Cell<(u64, [u8; SECOND])> = const { Cell::new((0, *b"1970-01-01T00:00:00")) };
}

/// Appends a time, such as `2026-11-29T09:14:29.012345Z`.
pub(in crate::observe) fn push(time: SystemTime, line: &mut String) {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let second = second(since.as_secs());
    line.push_str(str::from_utf8(&second).unwrap_or_default());
    line.push('.');
    let micros = since.subsec_micros();
    for unit in [100_000, 10_000, 1_000, 100, 10, 1] {
        line.push(char::from(b'0' + (micros / unit % 10) as u8));
    }
    line.push('Z');
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Appends a time as the Common Log Format has it, such as `29/Nov/2026:09:14:29 +0000`.
pub(in crate::observe) fn push_common(time: SystemTime, line: &mut String) {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let second = second(since.as_secs());
    let text = str::from_utf8(&second).unwrap_or_default();
    let (date, of_day) = text.split_once('T').unwrap_or_default();
    let mut parts = date.split('-');
    let (year, month, day) = (parts.next(), parts.next(), parts.next());
    let month = month.and_then(|month| MONTHS.get(month.parse::<usize>().ok()?.checked_sub(1)?));
    for part in
        [day.unwrap_or_default(), "/", month.copied().unwrap_or_default(), "/", year.unwrap_or_default()]
    {
        line.push_str(part);
    }
    line.push(':');
    line.push_str(of_day);
    line.push_str(" +0000");
}

fn second(seconds: u64) -> [u8; SECOND] {
    let (last, written) = LAST.get();
    if last == seconds {
        return written;
    }
    let written = write(seconds);
    LAST.set((seconds, written));
    written
}

fn write(seconds: u64) -> [u8; SECOND] {
    let time = UNIX_EPOCH.checked_add(Duration::from_secs(seconds)).unwrap_or(UNIX_EPOCH);
    let mut text = String::with_capacity(SECOND + 1);
    // humantime fails for years after 9999; then the text stays at the end of that year.
    let _known = write!(text, "{}", humantime::format_rfc3339_seconds(time));
    let mut written = *b"9999-12-31T23:59:59";
    written.iter_mut().zip(text.bytes()).for_each(|(to, byte)| *to = byte);
    written
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pushed(time: SystemTime) -> String {
        let mut line = String::from("x");
        push(time, &mut line);
        line
    }

    proptest! {
        #[test]
        fn every_microsecond_is_written_as_humantime_has_it(seconds in 0..253_402_300_800_u64, micros in 0..1_000_000_u32) {
            for micros in [micros, 0, 999_999] {
                let time = UNIX_EPOCH + Duration::new(seconds, micros * 1000);
                prop_assert_eq!(pushed(time), format!("x{}", humantime::format_rfc3339_micros(time)));
            }
        }
    }

    #[test]
    fn common_logs_have_another_form() {
        for (seconds, text) in [
            (0, "01/Jan/1970:00:00:00 +0000"),
            (1_800_000_000, "15/Jan/2027:08:00:00 +0000"),
            (1_798_761_599, "31/Dec/2026:23:59:59 +0000"),
            (300_000_000_000, "31/Dec/9999:23:59:59 +0000"),
        ] {
            let mut line = String::new();
            push_common(UNIX_EPOCH + Duration::from_secs(seconds), &mut line);
            assert_eq!(line, text);
        }
    }

    #[test]
    fn the_ends_of_time() {
        assert_eq!(pushed(UNIX_EPOCH), "x1970-01-01T00:00:00.000000Z");
        assert_eq!(pushed(UNIX_EPOCH - Duration::from_secs(1)), "x1970-01-01T00:00:00.000000Z");
        let late = UNIX_EPOCH + Duration::from_secs(300_000_000_000);
        assert_eq!(pushed(late), "x9999-12-31T23:59:59.000000Z");
    }
}
