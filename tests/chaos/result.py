"""What came out of a chaos run, as a file and as a table?"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.chaos.run import Story
from tests.chaos.violation import Kind, Violation

PATH = Path("build/chaos.json")
SHOWN = 10


@dataclass(frozen=True, slots=True)
class ChaosResult:
    """One run in figures, as written to `build/chaos.json`."""

    seed: int
    broken_part: str | None
    kills: int
    kills_by_target: Mapping[str, int]
    reports_sent: int
    reports_accepted: int
    orders_carried: int
    case_events: int
    repeated_case_records: int
    alerts: int
    deliveries: int
    webhooks_received: int
    violations: Mapping[str, int]
    violations_by_rule: Mapping[str, int]
    still_busy: Sequence[str]
    load_s: float
    drain_s: float
    reports_per_s: float
    case_events_per_s: float
    longest_outage_s: Mapping[str, float]
    longest_silence_s: Mapping[str, float]

    def write(self, path: Path = PATH) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def sum_up(story: Story, violations: Sequence[Violation], *, seed: int, broken_part: str | None) -> ChaosResult:
    """Count what was seen and what was wrong with it."""
    seen = story.seen
    kinds = Counter(violation.kind for violation in violations)
    case_events = len({record.event_id for record in seen.case_records})
    return ChaosResult(
        seed=seed,
        broken_part=broken_part,
        kills=sum(story.killed.values()),
        kills_by_target=dict(sorted(story.killed.items())),
        reports_sent=len(seen.sent_reports),
        reports_accepted=sum(bool(sent.answers) for sent in seen.sent_reports),
        orders_carried=len(seen.carried_orders),
        case_events=case_events,
        repeated_case_records=len(seen.case_records) - case_events,
        alerts=len(seen.alerts),
        deliveries=len(seen.deliveries),
        webhooks_received=len(seen.receipts),
        violations={kind.value: kinds[kind] for kind in Kind},
        violations_by_rule=dict(Counter(violation.rule for violation in violations)),
        still_busy=story.busy,
        load_s=round(story.load_s, 1),
        drain_s=round(story.drain_s, 1),
        reports_per_s=round(len(seen.reports) / story.load_s, 1),
        case_events_per_s=round(case_events / story.load_s, 1),
        longest_outage_s=_rounded(story.longest_outage_s),
        longest_silence_s=_rounded(story.longest_silence_s),
    )


def table_of(result: ChaosResult) -> Iterator[str]:
    """The result in lines for a person."""
    yield f"chaos, seed {result.seed}" + (f", without the {result.broken_part}" if result.broken_part else "")
    for name, value in asdict(result).items():
        if name not in ("seed", "broken_part", "violations_by_rule", "violations"):
            yield f"  {name.replace('_', ' '):24}{_in_words(value)}"
    yield "  " + ", ".join(f"{count} {kind}" for kind, count in result.violations.items())


def list_violations(violations: Sequence[Violation]) -> Iterator[str]:
    """Each rule that was broken, with the first ten places to look."""
    for rule, count in Counter(violation.rule for violation in violations).items():
        broken = [violation for violation in violations if violation.rule == rule]
        yield f"{broken[0].kind}: {rule}, {count} times"
        yield from (f"  {violation.id}  {violation.detail}" for violation in broken[:SHOWN])


def _in_words(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {count}" for name, count in value.items()) or "none"
    if isinstance(value, list | tuple):
        return "; ".join(map(str, value)) or "nothing"
    return str(value)


def _rounded(seconds: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 1) for name, value in sorted(seconds.items())}
