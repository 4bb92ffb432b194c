"""Medians over the rounds, and their ratios to those of the first proxy."""

from collections import defaultdict
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Figure:
    median: float
    # The ratio to the first proxy's median; None if that is zero.
    ratio: float | None
    # The greatest distance of a round from the median, as a part of the median.
    spread: float


class Summary:
    """All figures, by work, proxy and name."""

    def __init__(self, plan, samples):
        self.works = plan.works
        self.peers = [peer.name for peer in plan.peers]
        self._values = defaultdict(list)
        for sample in samples:
            for name, value in sample.figures.items():
                self._values[sample.work, sample.peer, name].append(value)

    @property
    def base(self):
        return self.peers[0]

    def figure(self, work, peer, name):
        """The figure, or None if it isn't measured for this work."""
        values = self._values.get((work.name, peer, name))
        if not values:
            return None
        middle = median(values)
        base = median(self._values[work.name, self.base, name])
        spread = max(abs(value - middle) for value in values) / middle if middle else 0.0
        return Figure(middle, middle / base if base else None, spread)

    def has(self, work, name):
        return (work.name, self.base, name) in self._values

    def widest_spread(self, name):
        """The figure of that name whose rounds differ most, with its work and proxy; None if there is none."""
        found = [
            (work.name, peer, self.figure(work, peer, name))
            for work in self.works
            for peer in self.peers
            if self.has(work, name)
        ]
        return max(found, key=lambda each: each[2].spread, default=None)

    def as_json(self):
        return {
            work.name: {
                peer: {name: vars(self.figure(work, peer, name)) for name in self._names(work, peer)}
                for peer in self.peers
            }
            for work in self.works
        }

    def _names(self, work, peer):
        return [name for of_work, of_peer, name in self._values if (of_work, of_peer) == (work.name, peer)]
