//! `Family`: the name, type, unit and labels of a metric, in one place; and how its values are written.

use std::fmt;

use prometheus_client::encoding::{
    DescriptorEncoder, EncodeCounterValue, EncodeGaugeValue, EncodeLabel as _, EncodeLabelSet,
    LabelSetEncoder, MetricEncoder, NoLabelSet,
};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Unit;

use super::durations::Tally;

static SECONDS: Unit = Unit::Seconds;
static BYTES: Unit = Unit::Bytes;

/// A metric, as Prometheus knows it.
#[derive(Debug)]
pub(crate) struct Family {
    /// Its name without the unit, and without the `_total` of a counter.
    stem: &'static str,
    unit: Option<&'static Unit>,
    kind: MetricType,
    /// The names of its labels, in the order in which values are given.
    labels: &'static [&'static str],
    help: &'static str,
}

impl Family {
    pub(crate) const fn counter(
        stem: &'static str,
        labels: &'static [&'static str],
        help: &'static str,
    ) -> Self {
        Self { stem, unit: None, kind: MetricType::Counter, labels, help }
    }

    pub(crate) const fn gauge(
        stem: &'static str,
        labels: &'static [&'static str],
        help: &'static str,
    ) -> Self {
        Self { kind: MetricType::Gauge, ..Self::counter(stem, labels, help) }
    }

    /// A histogram of durations.
    pub(crate) const fn durations(
        stem: &'static str,
        labels: &'static [&'static str],
        help: &'static str,
    ) -> Self {
        Self { kind: MetricType::Histogram, ..Self::counter(stem, labels, help) }.in_seconds()
    }

    pub(crate) const fn in_seconds(self) -> Self {
        Self { unit: Some(&SECONDS), ..self }
    }

    pub(crate) const fn in_bytes(self) -> Self {
        Self { unit: Some(&BYTES), ..self }
    }

    /// Begins to write the family. Its values follow.
    pub(crate) fn begin<'e>(
        &'static self,
        encoder: &'e mut DescriptorEncoder<'_>,
    ) -> Result<Values<'e>, fmt::Error> {
        #[cfg(test)]
        seen::note(self);
        let Self { stem, unit, kind, help, .. } = self;
        Ok(Values { family: self, encoder: encoder.encode_descriptor(stem, help, *unit, *kind)? })
    }
}

/// A family, and what its value is for each of many things.
pub(crate) type Of<T, V = u64> = (&'static Family, fn(&T) -> V);

/// Writes the values of a family. The values of its labels are given in the family's order.
#[derive(Debug)]
pub(crate) struct Values<'e> {
    family: &'static Family,
    encoder: MetricEncoder<'e>,
}

impl Values<'_> {
    pub(crate) fn counter(&mut self, labels: &[&str], value: impl EncodeCounterValue) -> fmt::Result {
        self.with(labels, |encoder| encoder.encode_counter::<NoLabelSet, _, u64>(&value, None))
    }

    pub(crate) fn gauge(&mut self, labels: &[&str], value: impl EncodeGaugeValue) -> fmt::Result {
        self.with(labels, |encoder| encoder.encode_gauge(&value))
    }

    pub(crate) fn durations(&mut self, labels: &[&str], tally: &Tally) -> fmt::Result {
        let (seconds, count, buckets) = (tally.seconds(), tally.count(), tally.shown());
        self.with(labels, |encoder| encoder.encode_histogram::<NoLabelSet>(seconds, count, &buckets, None))
    }

    fn with(
        &mut self,
        values: &[&str],
        write: impl FnOnce(&mut MetricEncoder<'_>) -> fmt::Result,
    ) -> fmt::Result {
        let names = self.family.labels;
        debug_assert_eq!(names.len(), values.len(), "the labels of {}", self.family.stem);
        if names.is_empty() {
            write(&mut self.encoder)
        } else {
            write(&mut self.encoder.encode_family(&Labels { names, values })?)
        }
    }
}

struct Labels<'a> {
    names: &'a [&'a str],
    values: &'a [&'a str],
}

impl EncodeLabelSet for Labels<'_> {
    fn encode(&self, encoder: &mut LabelSetEncoder<'_>) -> fmt::Result {
        self.names.iter().zip(self.values).try_for_each(|label| {
            let (name, value) = (*label.0, *label.1);
            (name, value).encode(encoder.encode_label())
        })
    }
}

#[cfg(test)]
pub(crate) use self::seen::written_by;

/// What is written, for the test that compares it with docs/metrics.md.
#[cfg(test)]
mod seen {
    use std::cell::RefCell;

    use super::*;

    std::thread_local! {
        static SEEN: RefCell<Vec<&'static Family>> = const { RefCell::new(Vec::new()) };
    }

    pub(super) fn note(family: &'static Family) {
        SEEN.with_borrow_mut(|seen| seen.push(family));
    }

    /// The families that `write` writes on this thread, as rows of the table: name, type, labels and unit.
    pub(crate) fn written_by<T>(write: impl FnOnce() -> T) -> Vec<[String; 4]> {
        SEEN.take();
        write();
        SEEN.take().into_iter().map(row).collect()
    }

    fn row(family: &Family) -> [String; 4] {
        let unit = family.unit.map_or("", Unit::as_str);
        let with_unit =
            if unit.is_empty() { family.stem.to_owned() } else { format!("{}_{unit}", family.stem) };
        let name = if family.kind == MetricType::Counter { with_unit + "_total" } else { with_unit };
        [name, family.kind.as_str().to_owned(), family.labels.join(", "), unit.to_owned()]
    }
}
