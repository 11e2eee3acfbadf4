"""Which weights follow from the texts that may be fitted? `python -m tests.bench.suggestion.fit`"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize, minimize_scalar
from scipy.sparse import csr_array

from intake.suggestion.model import ModelDocument
from intake.suggestion.pieces import Language, pieces_of
from lamplight_events.catalogue import load_categories
from tests.bench.suggestion.corpus import NO_FOLD, Corpus, chinese_corpus, english_corpus

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]
Tried = tuple[Floats, Numbers]
"""Scores of texts that were not fitted, and the number of the true category of each."""

SHIPPED = Path("services/intake/intake/suggestion/data")
SCALE = 32
LEAST_STEPS = 2
"""Weights below 1/16 point are left out: they change nothing and would be nine tenths of the file."""
LEAST_TEXTS = 3
"""A piece of a real report that fewer people wrote may be the name of one of them."""
PULL = {Language.ZH: 0.03, Language.EN: 0.3}
BIAS_PULL = 0.1
OWN_TIMES = {Language.ZH: 1.0, Language.EN: 20.0}
"""How often our own words count: with 1, what San Diego never reports would never be suggested."""
FOLDS = 4
RIGHT_WHEN_SURE = 0.85
ROUNDS = 80

HOW = {
    Language.ZH: "names, words and example sentences written for this project",
    Language.EN: (
        "names, words and example sentences written for this project, each as often as 20 texts, and descriptions of "
        "San Diego's first seven days"
    ),
}
ORIGIN = {
    Language.ZH: "This project's own sentences; no real reports. docs/suggestion.md says what that is worth.",
    Language.EN: (
        "City of San Diego, Get It Done, 2021-03-27 to 2021-04-02, ODC-PDDL; this project's words and sentences."
    ),
}


@dataclass(frozen=True, slots=True)
class Fit:
    """Weights per piece and category, the bias in the last row."""

    pieces: Mapping[str, int]
    weights: Floats

    def scores(self, texts: Sequence[Collection[str]]) -> Floats:
        """One row of log-odds per text."""
        found: Floats = matrix_of(texts, self.pieces) @ self.weights[:-1] + self.weights[-1]
        return found


def main() -> int:
    """Fit, calibrate on texts that were left out, write the file."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="the folder with San Diego's reports.csv.gz")
    parser.add_argument("--out", type=Path, default=SHIPPED)
    parser.add_argument("--language", type=Language, choices=list(Language), action="append")
    options = parser.parse_args()
    for language in options.language or Language:
        corpus = chinese_corpus() if language is Language.ZH else english_corpus(options.data)
        document = fit(corpus)
        (options.out / f"{language}.json").write_text(written(document), encoding="utf-8")
        print(document.how)  # noqa: T201 - a tool that a person runs
    return 0


def fit(corpus: Corpus) -> ModelDocument:
    """The model of one language."""
    categories = list(load_categories())
    texts = [pieces_of(each.text, corpus.language) for each in corpus.fitted]
    truth = np.array([categories.index(each.category) for each in corpus.fitted])
    known = known_pieces(corpus, texts)
    times = np.array([OWN_TIMES[corpus.language] if each.fold == NO_FOLD else 1.0 for each in corpus.fitted])
    found = solve(texts, truth, times, known=known, pull=PULL[corpus.language])
    tried = [_calibrating(corpus, found, categories)]
    if any(each.fold != NO_FOLD for each in corpus.fitted):
        tried.append(_left_out(corpus, texts, truth, times, known))
    temperature = _temperature(tried)
    threshold = max(_threshold(scores / temperature, right) for scores, right in tried)
    whole = _rounded(found)
    return ModelDocument(
        version=f"{corpus.language}-1",
        language=corpus.language,
        how=(
            f"Multinomial logistic regression over {len(texts)} texts: {HOW[corpus.language]}. "
            f"{_sureness(tried, temperature, threshold)}"
        ),
        origin=ORIGIN[corpus.language],
        temperature=round(temperature, 3),
        threshold=round(threshold, 3),
        scale=SCALE,
        categories=categories,
        bias=whole.weights[-1].astype(int).tolist(),
        pieces=_sparse(whole),
    )


def known_pieces(corpus: Corpus, texts: Sequence[Collection[str]]) -> frozenset[str]:
    """The pieces that may stand in a model: all of our own words, and of real reports those that several have."""
    counts: Counter[str] = Counter()
    own: set[str] = set()
    for each, text in zip(corpus.fitted, texts, strict=True):
        if each.fold == NO_FOLD:
            own.update(text)
        counts.update(text)
    return frozenset(own | {piece for piece, count in counts.items() if count >= LEAST_TEXTS})


def solve(
    texts: Sequence[Collection[str]], truth: Numbers, times: Floats, *, known: frozenset[str], pull: float
) -> Fit:
    """Logistic regression over the known pieces, every weight pulled to 0; a text counts as often as `times` says."""
    categories = len(load_categories())
    pieces = {piece: at for at, piece in enumerate(sorted(known & set().union(*texts)))}
    matrix, rows = matrix_of(texts, pieces), np.arange(len(texts))
    pulls = np.full((len(pieces) + 1, 1), pull)
    pulls[-1] = BIAS_PULL

    def loss(flat: Floats) -> tuple[float, Floats]:
        weights = flat.reshape(-1, categories)
        chances = _chances(matrix @ weights[:-1] + weights[-1])
        value = -(times * np.log(chances[rows, truth] + 1e-12)).sum() + 0.5 * (pulls * weights**2).sum()
        chances[rows, truth] -= 1
        chances *= times[:, None]
        slope = np.vstack([matrix.T @ chances, chances.sum(axis=0)]) + pulls * weights
        return float(value), slope.ravel()

    start = np.zeros((len(pieces) + 1) * categories)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": ROUNDS})
    return Fit(pieces, found.x.reshape(-1, categories))


def matrix_of(texts: Sequence[Collection[str]], pieces: Mapping[str, int]) -> csr_array:
    """One row per text, in which each known piece counts the same and the row has length 1."""
    known = [[pieces[piece] for piece in sorted(text) if piece in pieces] for text in texts]
    values = np.concatenate([np.full(len(each), 1 / np.sqrt(max(len(each), 1))) for each in known])
    starts = np.concatenate([[0], np.cumsum([len(each) for each in known])])
    return csr_array((values, np.concatenate(known).astype(int), starts), shape=(len(texts), len(pieces)))


def written(document: ModelDocument) -> str:
    """The JSON text, one piece a line, so that two versions can be compared."""
    head = document.model_dump(mode="json", exclude={"pieces"})
    lines = [f" {json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}" for name, value in head.items()]
    pieces = [
        f"  {json.dumps(piece, ensure_ascii=False)}: {json.dumps(steps, separators=(',', ':'))}"
        for piece, steps in document.pieces.items()
    ]
    return "{\n" + ",\n".join([*lines, ' "pieces": {\n' + ",\n".join(pieces) + "\n }"]) + "\n}\n"


def _calibrating(corpus: Corpus, found: Fit, categories: Sequence[str]) -> Tried:
    """Scores and truths of the texts that confidence is measured on."""
    texts = [pieces_of(each.text, corpus.language) for each in corpus.calibrating]
    return found.scores(texts), np.array([categories.index(each.category) for each in corpus.calibrating])


def _left_out(
    corpus: Corpus, texts: Sequence[frozenset[str]], truth: Numbers, times: Floats, known: frozenset[str]
) -> Tried:
    """Scores and truths of the texts with a fold, each from a fit without its part."""
    pull = PULL[corpus.language]
    parts = np.array([each.fold % FOLDS if each.fold != NO_FOLD else NO_FOLD for each in corpus.fitted])
    scores = np.zeros((len(texts), len(load_categories())))
    for part in range(FOLDS):
        kept, tried = (np.flatnonzero(each).tolist() for each in (parts != part, parts == part))
        found = solve([texts[at] for at in kept], truth[kept], times[kept], known=known, pull=pull)
        scores[tried] = found.scores([texts[at] for at in tried])
    return scores[parts != NO_FOLD], truth[parts != NO_FOLD]


def _temperature(tried: Sequence[Tried]) -> float:
    """By which the scores are divided to make the truth most likely; each set of texts counts the same."""

    def loss(log_temperature: float) -> float:
        return sum(_surprise(scores / np.exp(log_temperature), truth) for scores, truth in tried)

    return float(np.exp(minimize_scalar(loss, bounds=(-3.0, 3.0), method="bounded").x))


def _surprise(scores: Floats, truth: Numbers) -> float:
    return float(-np.log(_chances(scores)[np.arange(len(truth)), truth] + 1e-12).mean())


def _threshold(scores: Floats, truth: Numbers) -> float:
    """The lowest confidence above which enough texts are right; 1 where none is."""
    chances = _chances(scores)
    confidence, is_right = chances.max(axis=1), chances.argmax(axis=1) == truth
    order = np.argsort(-confidence, kind="stable")
    running = np.cumsum(is_right[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(running >= RIGHT_WHEN_SURE)
    return float(confidence[order[enough[-1]]]) if len(enough) else 1.0


def _sureness(tried: Sequence[Tried], temperature: float, threshold: float) -> str:
    """In words: how many of the texts that were not fitted are sure, and how many of these are right."""
    told: list[str] = []
    for (scores, truth), what in zip(tried, ("own sentences in another style", "real texts left out"), strict=False):
        chances = _chances(scores / temperature)
        is_sure = chances.max(axis=1) >= threshold
        is_right = (chances.argmax(axis=1) == truth)[is_sure]
        told.append(
            f"of {len(truth)} {what} {100 * is_sure.mean():.0f} % sure, {100 * is_right.mean():.0f} % of these right"
        )
    return f"Calibrated: {'; '.join(told)}."


def _chances(scores: Floats) -> Floats:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    found: Floats = powers / powers.sum(axis=1, keepdims=True)
    return found


def _rounded(found: Fit) -> Fit:
    steps = np.round(found.weights * SCALE)
    steps[:-1][np.abs(steps[:-1]) < LEAST_STEPS] = 0
    return Fit(found.pieces, steps)


def _sparse(found: Fit) -> dict[str, list[int]]:
    rows = {piece: found.weights[at].astype(int) for piece, at in found.pieces.items()}
    return {
        piece: [int(number) for at in np.flatnonzero(row) for number in (at, row[at])]
        for piece, row in rows.items()
        if row.any()
    }


if __name__ == "__main__":
    sys.exit(main())
