"""Is a fit repeatable, and are the texts it is judged on strictly apart?"""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import numpy as np
import pytest

from deploy.local.failure import CannotRun
from intake.suggestion.model import ModelDocument, built
from intake.suggestion.pieces import Language, pieces_of
from lamplight_events.catalogue import load_categories
from tests.bench.suggestion.corpus import Corpus, SentencesError, chinese_corpus, english_corpus, sentences
from tests.bench.suggestion.fit import known_pieces, solve, written
from tests.bench.suggestion.judging import judge_keywords
from tests.bench.suggestion.keywords import keyword_rule

HEADER = ("date_requested", "service_name", "public_description")


def city(folder: Path, rows: list[tuple[str, str, str]]) -> Path:
    with gzip.open(folder / "reports.csv.gz", "wt", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADER, *rows])
    return folder


def small_english_corpus(folder: Path) -> Corpus:
    return english_corpus(city(folder, [(f"2021-04-0{day}", "Pothole", "hole") for day in (1, 2, 3)]))


@pytest.mark.parametrize("language", list(Language))
def test_no_judged_sentence_of_ours_was_fitted_or_calibrated_on(tmp_path: Path, language: Language) -> None:
    corpus = chinese_corpus() if language is Language.ZH else small_english_corpus(tmp_path)

    sets = [{each.text for each in texts} for texts in (corpus.fitted, corpus.calibrating, corpus.own_judged)]

    assert not sets[0] & sets[1]
    assert not sets[0] & sets[2]
    assert not sets[1] & sets[2]


def test_judged_sentences_are_about_many_categories() -> None:
    assert len({each.category for each in chinese_corpus().judged}) > 100


def test_the_last_two_days_are_judged_and_only_the_days_before_are_fitted(tmp_path: Path) -> None:
    days = [f"2021-04-0{day}T08:00:00" for day in (1, 2, 3, 4)]
    rows = [(when, "Pothole", f"hole number {at}") for at, when in enumerate(days)]

    corpus = english_corpus(city(tmp_path, rows))

    assert [each.text for each in corpus.judged] == ["hole number 2", "hole number 3"]
    assert [each.text for each in corpus.fitted if each.fold >= 0] == ["hole number 0", "hole number 1"]


def test_a_report_without_a_text_or_a_known_service_is_left_out(tmp_path: Path) -> None:
    rows = [(f"2021-04-0{day}", "Pothole", "hole") for day in (1, 2, 3)]

    corpus = english_corpus(city(tmp_path, [*rows, ("2021-04-03", "Pothole", " "), ("2021-04-03", "Nobody", "x")]))

    assert len(corpus.judged) == 2


def test_too_few_days_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CannotRun, match="too few"):
        english_corpus(city(tmp_path, [("2021-04-01", "Pothole", "hole")]))


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CannotRun, match=r"No reports\.csv\.gz"):
        english_corpus(tmp_path)


def test_a_sentence_about_an_unknown_category_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "judged.csv"
    path.write_text("category,text\nbarbecue,烤串\n", encoding="utf-8")

    with pytest.raises(SentencesError, match="'barbecue' is not in the catalogue"):
        sentences(path)


def test_the_same_texts_give_the_same_weights() -> None:
    texts = [pieces_of(text, Language.ZH) for text in ("路灯不亮", "路灯坏了", "路边烧烤", "露天烧烤")]
    truth = np.array([0, 0, 1, 1])

    first, second = (solve(texts, truth, np.ones(4), known=frozenset().union(*texts), pull=0.03) for _ in range(2))

    assert np.array_equal(first.weights, second.weights)
    scores = first.scores([pieces_of("灯", Language.ZH), pieces_of("烧", Language.ZH)])
    assert scores.argmax(axis=1).tolist() == [0, 1]


def test_a_word_of_a_report_that_few_wrote_is_not_kept_but_our_own_words_are(tmp_path: Path) -> None:
    rows = [(f"2021-04-0{day}", "Pothole", text) for day in (1, 2, 3) for text in ("hole near Zyx", "hole", "hole")]
    corpus = english_corpus(city(tmp_path, rows))

    known = known_pieces(corpus, [pieces_of(each.text, corpus.language) for each in corpus.fitted])

    assert "hole" in known
    assert "zyx" not in known
    assert "barbecue" in known


def test_a_written_model_reads_back_as_it_was() -> None:
    document = ModelDocument(
        version="t", language=Language.ZH, how="by hand", origin="nobody", temperature=1.0, threshold=0.5, scale=8,
        categories=["bbq", "other"], bias=[1, 2], pieces={"烧": [0, 9], '"': [1, -3]},
    )  # fmt: skip

    again = ModelDocument.model_validate_json(written(document))

    assert again == document
    assert built(again).categories == ("bbq", "other")


def test_the_baseline_ranks_by_how_much_of_a_text_its_words_cover() -> None:
    assert keyword_rule(Language.ZH)("楼下流动摊贩摆地摊，路灯不亮")[0] == "mobile_vendor"
    assert keyword_rule(Language.EN)("a pothole")[0] == "road_damage"
    assert keyword_rule(Language.EN)("potholes") == ["other"], "whole words only"


def test_the_baseline_is_judged_like_the_model() -> None:
    corpus = chinese_corpus()

    judged = judge_keywords(corpus.judged[:20], keyword_rule(Language.ZH))

    assert (judged.texts, judged.sure) == (20, 1.0)
    assert 0 <= judged.top1 <= judged.top3 <= 1
    assert len(judged.times_us) == 20
    assert {each.category for each in corpus.judged} <= set(load_categories())
