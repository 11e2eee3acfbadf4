"""Which figures does each service publish, and which question does each of them answer?"""

from __future__ import annotations

from collections.abc import Sequence

from prometheus_client import CollectorRegistry

from deploy.docs.services import RunningService

HEAD = """# Metrics

Generated from the registries of the three services by `python -m deploy.docs write`. Each service shows its own at
`/metrics`; a histogram also has `_bucket`, `_sum` and `_count`.
"""
TABLE_HEAD = "| metric | type | labels | question |\n|---|---|---|---|"


def metric_table(services: Sequence[RunningService]) -> str:
    """The metrics that all services share, then each one's own, as Markdown."""
    rows = {service.name: set(_rows(service.registry)) for service in services}
    shared = set.intersection(*rows.values())
    parts = [("Every service", shared), *((name, own - shared) for name, own in rows.items())]
    lines = [HEAD]
    for title, found in parts:
        lines += [f"## {title[0].upper()}{title[1:]}", "", TABLE_HEAD, *sorted(found), ""]
    return "\n".join(lines)


def metric_names(registry: CollectorRegistry) -> frozenset[str]:
    """Every series name that a registry can expose: what a query may refer to."""
    return frozenset(name for metric in registry.collect() for name in _exposed(metric.name, metric.type))


def _exposed(name: str, kind: str) -> Sequence[str]:
    endings = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}
    return [name + ending for ending in endings.get(kind, ("",))]


def _rows(registry: CollectorRegistry) -> Sequence[str]:
    labels = _labels(registry)
    return [
        f"| `{_shown(metric.name, metric.type)}` | {metric.type} | {labels[metric.name]} | {metric.documentation} |"
        for metric in registry.collect()
    ]


def _shown(name: str, kind: str) -> str:
    return f"{name}_total" if kind == "counter" else name


def _labels(registry: CollectorRegistry) -> dict[str, str]:
    """Label names by metric; the client library shows them nowhere else before the first value."""
    collectors = registry._collector_to_names
    return {
        metric.name: ", ".join(f"`{label}`" for label in getattr(collector, "_labelnames", ()))
        for collector in collectors
        for metric in collector.collect()
    }
