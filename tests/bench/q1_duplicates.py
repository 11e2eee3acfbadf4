"""Q1: how well are duplicate reports found, with the city's own links as the truth?

Fitted on the first days of the data, judged on the last two in the order of time. docs/duplicates.md defines the
figures; the bar is held against the categories that the city links at all, the harder reading.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from intake.duplicates.parameters import fitted_parameters
from tests.bench.duplicates.city_links import read_city_links
from tests.bench.duplicates.judging import Judged, judge, scored_rule, trivial_rule
from tests.bench.duplicates.verdicts import Figures, figures_of, linking_categories
from tests.bench.figures import spread
from tests.bench.options import Options
from tests.bench.result import BenchResult, Detail

ID = "Q1"
BAR_F1, AIM_F1 = 0.62, 0.70
BAR_FALSE, AIM_FALSE = 0.04, 0.03
QUOTED = "The trivial rule is quoted with F1 0.33 and 18.5 %: docs/duplicates.md says which reading comes near it."
NOT_FITTED = "The parameters are those that are shipped; another city's data are judged with them as they are."


def run(options: Options) -> Sequence[BenchResult]:
    """Two results: F1 of detecting, and false merges; either must hold with the other."""
    links = read_city_links(options.data)
    parameters = fitted_parameters()
    options.say(f"{len(links.told)} reports, the last days from day {links.first_judged_day + 1} on are judged")
    ours = judge(links, scored_rule(parameters, asks_open=True))
    trivial = judge(links, trivial_rule(asks_open=False))
    others = {
        "scored, closed cases too": judge(links, scored_rule(parameters, asks_open=False)),
        "trivial, open cases only": judge(links, trivial_rule(asks_open=True)),
    }
    linking = linking_categories(links.fitted())
    figures, beside = figures_of(ours.verdicts, linking), figures_of(trivial.verdicts, linking)
    runs = [_row("scored", ours, figures), _row("trivial", trivial, beside)]
    details = [
        Detail("By reading", _readings(linking, {"scored": ours, "trivial": trivial, **others})),
        Detail("By category", _categories(ours, trivial)),
    ]
    notes = (f"parameters {parameters.version}: {parameters.how}", NOT_FITTED, QUOTED)
    return [
        BenchResult(
            id=ID,
            what="duplicate reports detected, the city's own links as truth",
            value=round(figures.f1, 4),
            unit="F1",
            bar=f">= {BAR_F1}",
            aim=f">= {AIM_F1:.2f}",
            met=figures.f1 >= BAR_F1,
            runs=runs,
            baseline={"rule": "same category, 50 m, 48 h", "F1": round(beside.f1, 4)},
            details=details,
            notes=notes,
        ),
        BenchResult(
            id=f"{ID}-false-merges",
            what="reports that are no duplicates and were merged",
            value=round(100 * figures.false_merges, 2),
            unit="%",
            bar=f"<= {100 * BAR_FALSE:.0f}",
            aim=f"<= {100 * AIM_FALSE:.0f}",
            met=figures.false_merges <= BAR_FALSE,
            runs=runs,
            baseline={"rule": "same category, 50 m, 48 h", "%": round(100 * beside.false_merges, 2)},
        ),
    ]


def _row(name: str, judged: Judged, figures: Figures) -> Mapping[str, object]:
    times = spread([us / 1000 for us in judged.cpu_us])
    return {
        "rule": name,
        "judged": figures.reports,
        "duplicates": figures.duplicates,
        "merged": figures.merged,
        **_shares(figures),
        "CPU us mean": round(sum(judged.cpu_us) / max(len(judged.cpu_us), 1), 1),
        "p95 us": round(1000 * times.p95_ms, 1),
        "p99 us": round(1000 * times.p99_ms, 1),
    }


def _shares(figures: Figures) -> Mapping[str, object]:
    return {
        "F1": round(figures.f1, 3),
        "precision": round(figures.precision, 3),
        "recall": round(figures.recall, 3),
        "false merges %": round(100 * figures.false_merges, 2),
        "F1 right family": round(figures.f1_family, 3),
        "wrong merges %": round(100 * figures.wrong_merges, 2),
    }


def _readings(linking: frozenset[str], rules: Mapping[str, Judged]) -> Sequence[Mapping[str, object]]:
    wanted = {"that the city links": linking, "all": None}
    return [
        {"categories": what, "rule": name, **_shares(figures_of(judged.verdicts, categories))}
        for what, categories in wanted.items()
        for name, judged in rules.items()
    ]


def _categories(ours: Judged, trivial: Judged) -> Sequence[Mapping[str, object]]:
    names = sorted({each.told.category for each in ours.verdicts if each.told.is_known_before})
    rows = [_category(name, ours, trivial) for name in names]
    return sorted(rows, key=lambda row: -int(str(row["duplicates"])))[:12]


def _category(name: str, ours: Judged, trivial: Judged) -> Mapping[str, object]:
    mine, other = (
        figures_of([each for each in judged.verdicts if each.told.category == name]) for judged in (ours, trivial)
    )
    return {
        "category": name,
        "judged": mine.reports,
        "duplicates": mine.duplicates,
        "merged": mine.merged,
        "detected": mine.detected,
        "F1": round(mine.f1, 3),
        "trivial merged": other.merged,
        "trivial F1": round(other.f1, 3),
    }
