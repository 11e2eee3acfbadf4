"""Which texts have a known category, and which of them may be fitted on?

English: descriptions of San Diego's "Get It Done", whose service name stands for a category by the demo world's table.
Chinese: sentences of our own, as no labelled public corpus is at hand; those that are fitted are a patrol's notes,
those that confidence is measured on and those that are judged are what residents say, two sets apart. The same three
sets are there in English, for what San Diego never reports.
"""

from __future__ import annotations

import csv
import gzip
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.local.failure import CannotRun
from deploy.world.san_diego import category_by_service
from intake.suggestion.pieces import Language
from intake.suggestion.words import load_words
from lamplight_events.catalogue import load_categories
from lamplight_events.tables import TableError, read_table

DATA_VARIABLE = "LAMPLIGHT_DATA"
BESIDE_THE_REPOSITORY = Path("../shared/data")
CITY = "sandiego_311"
JUDGED_DAYS = 2
EXAMPLES = Path("services/intake/intake/suggestion/data")
HERE = Path(__file__).parent
NO_FOLD = -1
SENTENCE_COLUMNS = ("category", "text")

_PARTS_OF_A_NAME = re.compile(r"[、（）“”,]")


class SentencesError(TableError):
    """A table of sentences with a mistake in it."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text and the category it is about.

    Arguments:
        fold: texts of one fold are left out together when it is tried how good a fit is; `NO_FOLD` is never left out.
    """

    text: str
    category: str
    fold: int


@dataclass(frozen=True, slots=True)
class Corpus:
    """The texts of one language.

    Arguments:
        calibrating: sentences of our own, to measure confidence on; leaving out our own examples would flatter.
        judged: the main set, which is real where real texts are to be had.
        own_judged: sentences of our own; the same as `judged` where there are no others.
    """

    language: Language
    fitted: Sequence[Labelled]
    calibrating: Sequence[Labelled]
    judged: Sequence[Labelled]
    own_judged: Sequence[Labelled]


def chinese_corpus() -> Corpus:
    """Names, words and example sentences; against sentences in another style."""
    judged = sentences(HERE / "judged_zh.csv")
    return Corpus(Language.ZH, list(_own(Language.ZH)), sentences(HERE / "calibrating_zh.csv"), judged, judged)


def english_corpus(given: Path | None) -> Corpus:
    """Names, words, example sentences and the first days of San Diego; against its last two, and our own sentences.

    Raises:
        CannotRun: the file or a column is missing, or it has too few days.
    """
    told = sorted(_descriptions(given), key=lambda each: each[0])
    days = {day: number for number, day in enumerate(sorted({day for day, _, _ in told}))}
    first_judged = len(days) - JUDGED_DAYS
    if first_judged < 1:
        raise CannotRun(f"{len(days)} days are too few to fit on some and judge {JUDGED_DAYS} others.")
    texts = [Labelled(text, category, days[day]) for day, category, text in told]
    fitted = [each for each in texts if each.fold < first_judged]
    judged = [each for each in texts if each.fold >= first_judged]
    return Corpus(
        Language.EN,
        [*_own(Language.EN), *fitted],
        sentences(HERE / "calibrating_en.csv"),
        judged,
        sentences(HERE / "judged_en.csv"),
    )


def _own(language: Language) -> Iterator[Labelled]:
    """Each category's name, in its parts, the words that people say for it, and the example sentences."""
    for slug, words in load_words().items():
        category = load_categories()[slug]
        name = category.name_zh if language is Language.ZH else category.name_en
        parts = [part.strip() for part in _PARTS_OF_A_NAME.split(name) if part.strip()]
        for text in (*parts, *words.in_language(language)):
            yield Labelled(text, slug, NO_FOLD)
    yield from sentences(EXAMPLES / f"examples_{language}.csv")


def sentences(path: Path) -> list[Labelled]:
    """Sentences of our own; raises SentencesError for the first mistake, with file, line and field."""
    found: list[Labelled] = []
    for row in read_table(path, SENTENCE_COLUMNS, error=SentencesError):
        if row.text("category") not in load_categories():
            row.refuse("category", f"{row.text('category')!r} is not in the catalogue")
        found.append(Labelled(row.text("text"), row.text("category"), NO_FOLD))
    return found


def _descriptions(given: Path | None) -> Iterator[tuple[str, str, str]]:
    """Day, category and text of each report that has a description and a known service name."""
    root = given or Path(os.environ.get(DATA_VARIABLE, BESIDE_THE_REPOSITORY))
    folder = root / CITY if (root / CITY).is_dir() else root
    path = folder / "reports.csv.gz"
    if not path.is_file():
        raise CannotRun(f"No reports.csv.gz in {folder}.")
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            category = category_by_service().get(row["service_name"])
            text = row["public_description"].strip()
            if category and text:
                yield row["date_requested"][:10], category, text
