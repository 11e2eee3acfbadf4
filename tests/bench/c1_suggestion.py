"""C1: how often is the category that a text suggests the right one, in Chinese and in English?

English is judged on the last two days of San Diego's reports, which were not fitted; Chinese on sentences of our own
in another style than those that were fitted, as there is no labelled public corpus. docs/suggestion.md says what each
is worth.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from intake.suggestion.model import ModelDocument, fitted_model
from intake.suggestion.pieces import Language
from tests.bench.figures import percentile
from tests.bench.options import Options
from tests.bench.result import BenchResult, Detail
from tests.bench.suggestion.corpus import Corpus, Labelled, chinese_corpus, english_corpus
from tests.bench.suggestion.fit import SHIPPED
from tests.bench.suggestion.judging import Judged, judge_keywords, judge_model
from tests.bench.suggestion.keywords import keyword_rule

ID = "C1"
BAR_US = 300.0
OWN_SENTENCES = (
    "The Chinese texts are this project's own: the figure says that the model works, not how well it will do."
)


def run(options: Options) -> Sequence[BenchResult]:
    """One result per language for the shares, and one for the time of a suggestion."""
    corpora = [english_corpus(options.data), chinese_corpus()]
    for language in Language:
        fitted_model(language)
    judged = {corpus.language: judge_model(corpus.judged) for corpus in corpora}
    shares = [_shares(corpus, judged[corpus.language]) for corpus in corpora]
    return [*shares, _times(judged)]


def _shares(corpus: Corpus, ours: Judged) -> BenchResult:
    language = corpus.language
    plain = judge_keywords(corpus.judged, keyword_rule(language))
    document = ModelDocument.model_validate_json((SHIPPED / f"{language}.json").read_bytes())
    return BenchResult(
        id=f"{ID}-{language}",
        what=f"right category first, {corpus.language.name} texts that were not fitted",
        value=round(100 * ours.top1, 1),
        unit="%",
        bar="> words alone",
        met=ours.top1 > plain.top1 and ours.top3 > plain.top3,
        runs=[_row("model", ours), _row("words alone", plain)],
        baseline={"rule": "words alone", "top-1 %": round(100 * plain.top1, 1), "top-3 %": round(100 * plain.top3, 1)},
        details=[_elsewhere(corpus.own_judged)] if language is Language.EN else [],
        notes=[document.how, *([OWN_SENTENCES] if language is Language.ZH else [])],
    )


def _elsewhere(texts: Sequence[Labelled]) -> Detail:
    plain = judge_keywords(texts, keyword_rule(Language.EN))
    rows = [_row("model", judge_model(texts)), _row("words alone", plain)]
    return Detail("Own sentences, mostly about what San Diego never reports", rows)


def _times(judged: Mapping[Language, Judged]) -> BenchResult:
    worst = max(percentile(each.times_us, 0.5) for each in judged.values())
    return BenchResult(
        id=f"{ID}-time",
        what="time of one suggestion, the median of the slower language",
        value=round(worst, 1),
        unit="us",
        bar=f"< {BAR_US:.0f}",
        met=worst < BAR_US,
        runs=[
            {
                "language": language,
                **{f"p{share} us": round(percentile(each.times_us, share / 100), 1) for share in (50, 95, 99)},
            }
            for language, each in judged.items()
        ],
    )


def _row(name: str, judged: Judged) -> Mapping[str, object]:
    return {
        "by": name,
        "texts": judged.texts,
        "top-1 %": round(100 * judged.top1, 1),
        "top-3 %": round(100 * judged.top3, 1),
        "unsure %": round(100 * (1 - judged.sure), 1),
        "right when sure %": round(100 * judged.right_when_sure, 1),
        "us mean": round(sum(judged.times_us) / max(judged.texts, 1), 1),
    }
