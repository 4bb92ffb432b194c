//! Reads sizes: a number of bytes, with or without a unit.

use std::ops::RangeInclusive;

use toml::de::DeValue;

use super::{Value, integer, quoted, within};
use crate::config::report::Problem;

const SIZE: &str = "a size such as \"64KiB\", \"64K\", \"10MB\" or a number of bytes";

/// Reads a size within `range`, which is in bytes.
pub(in crate::config) fn size<T: TryFrom<u64>>(
    range: RangeInclusive<u64>,
) -> impl Fn(&Value<'_>) -> Result<T, Problem> {
    move |value| {
        let bytes = match value.get_ref() {
            DeValue::String(text) => bytes_of(text).ok_or_else(|| {
                Problem::new(value.span(), format!("{} is no size", quoted(text))).expecting(SIZE)
            })?,
            _ => integer(value, SIZE)?,
        };
        within(&range, bytes, value, " bytes")
    }
}

/// The bytes in `10MiB`, `10 MB`, `10` and so on, without fractions. `10M` is `10MiB`, as in nginx.
fn bytes_of(text: &str) -> Option<u64> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(digits)?;
    let factor = match unit.trim_start().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kib" => 1 << 10,
        "m" | "mib" => 1 << 20,
        "g" | "gib" => 1 << 30,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(factor)
}
