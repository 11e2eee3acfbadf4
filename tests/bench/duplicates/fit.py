"""Which parameters follow from the first days of a city's data? `python -m tests.bench.duplicates.fit --out FILE`"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from itertools import accumulate
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from intake.duplicates.addresses import AddressMatch
from tests.bench.duplicates.city_links import Told, read_city_links
from tests.bench.duplicates.columns import (
    DISTANCE_KNOTS_M,
    GAP_KNOTS_MIN,
    TEXT_KNOTS,
    Columns,
    Floats,
    Names,
    columns_of,
    learn_names,
)
from tests.bench.duplicates.pairs import (
    DISTANCE_M,
    GAP_H,
    OTHER_CATEGORY_DISTANCE_M,
    TwoReports,
    learn_gram_weights,
    pairs_of,
)
from tests.bench.duplicates.thresholds import MAX_FALSE_MERGES, Choice, choose_threshold

SHIPPED = Path("services/intake/intake/duplicates/data/fitted.json")
BY_HAND: Mapping[str, object] = {
    "photo_bits": {"knots": [0.0, 4.0, 8.0, 14.0], "points": [5.0, 4.0, 1.5, 0.0]},
    "near_identical": {"distance_m": 15.0, "similarity": 0.8, "pieces": 12, "photo_bits": 4, "points": 3.0},
    "burst": {"within_min": 15.0, "again_distance_m": 30.0, "again_similarity": 0.7, "again": 8.0},
}


def main() -> int:
    """Fit, choose the threshold by leaving out one day after the other, write the file."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="a folder with reports.csv.gz and labels.csv.gz")
    parser.add_argument("--out", type=Path, default=SHIPPED)
    parser.add_argument("--version", default="san-diego-1")
    options = parser.parse_args()
    links = read_city_links(options.data)
    document = fit(links.fitted(), version=options.version, days=links.first_judged_day)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(document["how"])  # noqa: T201 - a tool that a person runs
    return 0


def fit(told: Sequence[Told], *, version: str, days: int) -> dict[str, object]:
    """The parameters as a JSON document."""
    weights = learn_gram_weights([each.clue.text for each in told if each.clue and each.clue.text])
    pairs = pairs_of(told, weights)
    names = learn_names(pairs)
    columns = columns_of(pairs, names)
    found = dict(zip(columns.names, solve(columns, _truth(pairs)).tolist(), strict=True))
    choice = choose_threshold(told, pairs, _scores_left_out(pairs, columns))
    return {
        "version": version,
        "how": _how(choice, days, len(told), len(pairs)),
        "threshold": round(choice.threshold, 3),
        **points_of(found, names),
        "texts": {
            **_texts(found),
            "gram_weights": dict(sorted(weights.known.items())),
            "unknown_gram_weight": weights.unknown,
        },
    }


def solve(columns: Columns, truth: Floats) -> Floats:
    """Logistic regression, each number pulled to 0 and kept on its side."""

    def loss(numbers: Floats) -> tuple[float, Floats]:
        score = columns.matrix @ numbers
        chance = 1 / (1 + np.exp(-score))
        value = np.logaddexp(0, score) - truth * score
        slope = columns.matrix.T @ (chance - truth) + columns.pull * numbers
        return float(value.sum() + 0.5 * (columns.pull * numbers**2).sum()), slope

    start = np.zeros(columns.matrix.shape[1])
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=columns.bounds, options={"maxiter": 500})
    solution: Floats = found.x
    return solution


def points_of(found: Mapping[str, float], names: Names) -> dict[str, object]:
    """The fitted numbers under the names of the parameters."""
    habits = {name: _habit(found, name) for name in names.habits}
    return {
        "base": round(found["base"], 3),
        "limits": {
            "distance_m": DISTANCE_M,
            "other_category_distance_m": OTHER_CATEGORY_DISTANCE_M,
            "gap_h": GAP_H,
            "candidates": 60,
        },
        "distance_m": _curve(DISTANCE_KNOTS_M, found, "distance_m"),
        "gap_min": _curve(GAP_KNOTS_MIN, found, "gap_min"),
        "categories": {
            "same": round(found["same"], 3),
            "same_group": round(found["same_group"], 3),
            "other": 0.0,
            "habits": habits,
            "pairs": [[*sorted(pair), round(found[f"pair.{'|'.join(sorted(pair))}"], 3)] for pair in names.pairs],
        },
        "addresses": {match: round(found.get(match, 0.0), 3) for match in AddressMatch},
        **BY_HAND,
    }


def _habit(found: Mapping[str, float], name: str) -> dict[str, float]:
    per_log_min = found[f"per_log_min.{name}"]
    return {
        "affinity": round(found[f"affinity.{name}"] - 6.0 * per_log_min, 3),
        "per_log_m": round(found[f"per_log_m.{name}"], 3),
        "per_log_min": round(per_log_min, 3),
    }


def _texts(found: Mapping[str, float]) -> dict[str, object]:
    curve = _curve(TEXT_KNOTS, found, "text", found["text_first"])
    return {"similarity": curve, "only_one": round(found["only_one"], 3), "neither": 0.0}


def _curve(knots: Sequence[float], found: Mapping[str, float], name: str, first: float = 0.0) -> dict[str, object]:
    steps = [found[f"{name}.{number}"] for number in range(len(knots) - 1)]
    return {"knots": list(knots), "points": [round(points, 3) for points in accumulate(steps, initial=first)]}


def _scores_left_out(pairs: Sequence[TwoReports], columns: Columns) -> Floats:
    """The score of each pair from a fit without its day."""
    days, truth, scores = np.array([pair.day for pair in pairs]), _truth(pairs), np.zeros(len(pairs))
    for day in np.unique(days):
        other = Columns(columns.matrix[days != day], columns.names, columns.pull, columns.bounds)
        scores[days == day] = columns.matrix[days == day] @ solve(other, truth[days != day])
    return scores


def _truth(pairs: Sequence[TwoReports]) -> Floats:
    return np.array([pair.is_linked for pair in pairs], float)


def _how(choice: Choice, days: int, reports: int, pairs: int) -> str:
    return (
        f"Logistic regression over {pairs} pairs among the {reports} reports of the first {days} days, the city's "
        "links as truth, monotone in distance and text. Threshold: best F1 with at most "
        f"{100 * MAX_FALSE_MERGES:.0f} % false merges on a bad day (mean and one standard deviation), in the "
        f"categories that the city links, each day scored by a fit without it (F1 {choice.f1:.3f}, "
        f"{100 * choice.false_merges:.1f} %). Photos, bursts and unlike categories: by hand, the data have no photos "
        "and no devices."
    )


if __name__ == "__main__":
    sys.exit(main())
