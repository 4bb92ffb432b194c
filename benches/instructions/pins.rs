//! `pins.toml`: the ratios that later runs are compared with.

use std::fmt::Write;
use std::fs;

use toml::Table;

use crate::BoxError;
use crate::exchange::Work;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/pins.toml");

const HEADER: &str = "\
# The gateway's instructions a request, as a ratio to the baseline's. Written by
#   cargo instructions -- --pin
";

pub(crate) struct Pins(Table);

impl Pins {
    pub(crate) fn read() -> Result<Self, BoxError> {
        let text = fs::read_to_string(FILE).map_err(|error| format!("{FILE}: {error}"))?;
        Ok(Self(text.parse()?))
    }

    pub(crate) fn of(&self, work: Work) -> Result<f64, BoxError> {
        let pin = self.0.get(work.name()).and_then(toml::Value::as_float);
        Ok(pin.ok_or_else(|| format!("{FILE}: no ratio for {}", work.name()))?)
    }
}

pub(crate) fn write(ratios: &[(Work, f64)]) -> Result<(), BoxError> {
    let mut text = HEADER.to_owned();
    for (work, ratio) in ratios {
        writeln!(text, "{} = {ratio:.3}", work.name())?;
    }
    Ok(fs::write(FILE, text)?)
}
