"""Which parameters are refused, and is the refusal named?"""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import pytest

from intake.duplicates.parameters import FITTED, ParametersError, fitted_parameters, parameters_from

Change = Callable[[dict[str, Any]], object]


def shipped() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(files("intake.duplicates").joinpath(FITTED).read_text(encoding="utf-8"))
    return document


def test_the_shipped_parameters_say_how_they_were_obtained() -> None:
    parameters = fitted_parameters()
    assert "first 7 days" in parameters.how
    assert parameters.version


REFUSED: list[tuple[str, Change]] = [
    ("surprise", lambda document: document.update(surprise=1)),
    ("threshold", lambda document: document.pop("threshold")),
    ("threshold", lambda document: document.update(threshold="1")),
    ("base", lambda document: document.update(base=51)),
    ("version", lambda document: document.update(version="")),
    ("how", lambda document: document.update(how="")),
    ("limits.distance_m", lambda document: document["limits"].update(distance_m=0)),
    ("limits.candidates", lambda document: document["limits"].update(candidates=0)),
    ("distance_m", lambda document: document["distance_m"].update(knots=[0.0], points=[0.0])),
    ("distance_m", lambda document: document["distance_m"].update(knots=[5.0, 0.0], points=[0.0, 0.0])),
    ("distance_m", lambda document: document["distance_m"]["points"].pop()),
    ("distance_m", lambda document: document["distance_m"].update(knots=[0.0, 5.0], points=[0.0, 1.0])),
    ("photo_bits", lambda document: document["photo_bits"].update(knots=[0.0, 5.0], points=[0.0, 1.0])),
    ("texts.similarity", lambda document: document["texts"]["similarity"].update(knots=[0.0, 1.0], points=[1.0, 0.0])),
    ("addresses", lambda document: document["addresses"].pop("same_house")),
    ("addresses.next_door", lambda document: document["addresses"].update(next_door=1.0)),
    ("texts.unknown_gram_weight", lambda document: document["texts"].update(unknown_gram_weight=0)),
    ("texts.gram_weights", lambda document: document["texts"]["gram_weights"].update({"the": -1.0})),
    ("categories.habits", lambda document: document["categories"]["habits"]["Encampment"].update(per_log_m=0.1)),
    ("near_identical.similarity", lambda document: document["near_identical"].update(similarity=1.1)),
    ("near_identical.pieces", lambda document: document["near_identical"].update(pieces=0)),
    ("near_identical.photo_bits", lambda document: document["near_identical"].update(photo_bits=65)),
    ("burst.within_min", lambda document: document["burst"].update(within_min=-1)),
]


@pytest.mark.parametrize(("field", "change"), REFUSED)
def test_a_bad_document_is_refused_with_the_field_named(field: str, change: Change) -> None:
    document = shipped()
    change(document)
    with pytest.raises(ParametersError, match=field):
        parameters_from(json.dumps(document))


@pytest.mark.parametrize("text", ["", "{", "[]", '{"threshold": NaN}'])
def test_what_is_no_document_is_refused(text: str) -> None:
    with pytest.raises(ParametersError):
        parameters_from(text)
