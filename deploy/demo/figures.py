"""What do the metrics of a service say, as numbers?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from prometheus_client.parser import text_string_to_metric_families

Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Figures:
    """The samples of one page of metrics, by name as they stand on it (`..._total` for counters)."""

    samples: Mapping[str, Sequence[tuple[Labels, float]]] = field(default_factory=dict)

    def total(self, name: str, **labels: str) -> float:
        """The sum of a metric over all samples with these labels; 0 for one that has none yet."""
        return sum(value for found, value in self.samples.get(name, ()) if labels.items() <= found.items())


def read_figures(page: str) -> Figures:
    """Read the Prometheus text format."""
    samples: dict[str, list[tuple[Labels, float]]] = defaultdict(list)
    for family in text_string_to_metric_families(page):
        for sample in family.samples:
            samples[sample.name].append((sample.labels, sample.value))
    return Figures(samples)
