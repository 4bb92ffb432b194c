//! The `Date` of a response (RFC 9110 §6.6.1), in the only form that may be generated (§5.6.7).

/// Makes the text of a `Date` field. It keeps the text of the last second, so each second's text is made only once.
#[derive(Clone, Debug)]
pub struct HttpDate {
    second: u64,
    text: [u8; 29],
}

const DAYS: &[u8; 21] = b"ThuFriSatSunMonTueWed";
const MONTHS: &[u8; 36] = b"JanFebMarAprMayJunJulAugSepOctNovDec";

impl Default for HttpDate {
    fn default() -> Self {
        Self { second: 0, text: *b"Thu, 01 Jan 1970 00:00:00 GMT" }
    }
}

impl HttpDate {
    /// The text of a time, given in seconds since 1 January 1970 (UTC), such as `Sun, 06 Nov 1994 08:49:37 GMT`. A year
    /// has four digits, so any time after 9999 gives the last second of 9999.
    pub fn at(&mut self, second: u64) -> &[u8; 29] {
        if self.second != second {
            *self = Self::of(second);
        }
        &self.text
    }

    fn of(second: u64) -> Self {
        const LAST: u64 = 253_402_300_799;
        let (days, of_day) = (second.min(LAST) / 86_400, second.min(LAST) % 86_400);
        let (year, month, day) = civil(days);
        let mut text = *b"___, 00 ___ 0000 00:00:00 GMT";
        put(&mut text, 0, name(DAYS, days % 7));
        put(&mut text, 5, digits(day));
        put(&mut text, 8, name(MONTHS, month));
        put(&mut text, 12, digits(year / 100));
        put(&mut text, 14, digits(year % 100));
        put(&mut text, 17, digits(of_day / 3600));
        put(&mut text, 20, digits(of_day / 60 % 60));
        put(&mut text, 23, digits(of_day % 60));
        Self { second, text }
    }
}

/// The year, the month from 0 and the day from 1, of a day given in days since 1 January 1970. The calculation begins
/// years in March, so that the leap day is the last day of a year. 400 years have 146,097 days.
fn civil(days: u64) -> (u64, u64, u64) {
    /// The days from 1 March of the year 0 to 1 January 1970.
    const BEFORE: u64 = 719_468;
    let (era, of_era) = ((days + BEFORE) / 146_097, (days + BEFORE) % 146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = (from_march + 2) % 12;
    (era * 400 + year_of_era + u64::from(month < 2), month, day)
}

fn digits(number: u64) -> [u8; 2] {
    let digit = |number: u64| b'0' + (number % 10) as u8;
    [digit(number / 10), digit(number)]
}

/// The name with this number, from a list of names of three letters each.
fn name(names: &[u8], number: u64) -> [u8; 3] {
    let name = names.chunks_exact(3).nth(number as usize).and_then(|name| name.first_chunk());
    name.copied().unwrap_or(*b"___")
}

fn put<const N: usize>(text: &mut [u8; 29], at: usize, part: [u8; N]) {
    if let Some(place) = text.get_mut(at..at + N) {
        place.copy_from_slice(&part);
    }
}
