"""Is a model that must not be used refused, and are the shipped ones whole?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import intake.suggestion
from intake.suggestion.model import ModelDocument, ModelError, fitted_model, model_from
from intake.suggestion.pieces import Language
from lamplight_events.catalogue import load_categories

DATA = Path(intake.suggestion.__file__).parent / "data"
MAX_BYTES = 1_500_000


def document(**changes: Any) -> str:
    """A model of two categories that knows one word for each."""
    right: dict[str, Any] = {
        "version": "test-1", "language": "en", "how": "by hand", "origin": "nobody", "temperature": 1.0,
        "threshold": 0.8, "scale": 10, "categories": ["bbq", "street_light"], "bias": [0, 0],
        "pieces": {"grill": [0, 50], "lamp": [1, 50]},
    }  # fmt: skip
    return json.dumps(right | changes)


@pytest.mark.parametrize("language", list(Language))
def test_a_shipped_model_names_categories_of_the_catalogue_and_says_where_it_comes_from(language: Language) -> None:
    found = ModelDocument.model_validate_json((DATA / f"{language}.json").read_bytes())

    assert found.language is language
    assert set(found.categories) <= set(load_categories())
    assert "Multinomial logistic regression" in found.how
    assert ("ODC-PDDL" if language is Language.EN else "own sentences") in found.origin


def test_the_shipped_models_are_small() -> None:
    assert sum((DATA / f"{language}.json").stat().st_size for language in Language) < MAX_BYTES


def test_no_number_of_a_house_or_a_phone_is_in_a_shipped_model() -> None:
    pieces = ModelDocument.model_validate_json((DATA / "en.json").read_bytes()).pieces

    assert not [piece for piece in pieces if not piece.startswith("#") and set(piece) & set("0123456789")]


def test_a_model_is_read_once() -> None:
    assert fitted_model(Language.ZH) is fitted_model(Language.ZH)


def test_the_word_of_a_category_speaks_for_it() -> None:
    chances = model_from(document()).confidences({"grill", "unknown"})

    assert chances is not None
    assert chances.tolist() == pytest.approx([0.9933, 0.0067], abs=1e-4)


def test_a_higher_temperature_makes_it_less_confident() -> None:
    cool, warm = (model_from(document(temperature=each)).confidences({"grill"}) for each in (1.0, 5.0))

    assert cool is not None
    assert warm is not None
    assert 0.5 < warm[0] < cool[0]


def test_without_a_known_piece_it_says_nothing() -> None:
    assert model_from(document()).confidences({"unknown"}) is None


def test_the_length_of_a_text_alone_says_nothing() -> None:
    model = model_from(document(pieces={"#0": [0, 50], "lamp": [1, 50]}))

    assert model.confidences({"#0", "xyzzy"}) is None
    assert model.confidences({"#0", "lamp"}) is not None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"version": ""}, "version: "),
        ({"language": "fr"}, "language: "),
        ({"how": ""}, "how: "),
        ({"temperature": 0.0}, "temperature: "),
        ({"threshold": 1.1}, "threshold: "),
        ({"scale": 0}, "scale: "),
        ({"categories": ["bbq"]}, "categories: "),
        ({"categories": ["bbq", "barbecue"]}, "'barbecue' is not in the catalogue"),
        ({"categories": ["bbq", "bbq"]}, "one is there twice"),
        ({"bias": [0]}, "bias: 1 numbers for 2 categories"),
        ({"bias": [0, 40_000]}, "bias.1: "),
        ({"pieces": {"grill": [0]}}, "'grill' has a weight without a category"),
        ({"pieces": {"grill": [2, 5]}}, "'grill' has a weight without a category"),
        ({"pieces": {"grill": [0, 0.5]}}, "pieces.grill.1: "),
        ({"colour": "red"}, "colour: "),
    ],
)
def test_a_model_that_must_not_be_used_is_refused_with_its_field(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(ModelError, match=reason):
        model_from(document(**changes))


@pytest.mark.parametrize("text", ["", "[]", "{}", "no json"])
def test_what_is_no_model_is_refused(text: str) -> None:
    with pytest.raises(ModelError):
        model_from(text)
