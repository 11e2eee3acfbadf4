"""How much does each piece of a text speak for each category?"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Annotated, Self

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from intake.suggestion.pieces import LENGTH_MARK, Language
from lamplight_events.catalogue import load_categories

Floats = npt.NDArray[np.float32]

_Weight = Annotated[int, Field(ge=-32_768, le=32_767)]


class ModelError(ValueError):
    """A model that must not be used; the text names the field."""


class ModelDocument(BaseModel):
    """A fitted model as it is written down.

    Arguments:
        how: what it was fitted on, and how, in a sentence.
        origin: where the texts came from, and their licences.
        temperature: by which scores are divided, so that a confidence is the share of right answers.
        threshold: the confidence from which a suggestion is sure.
        scale: how many steps of a weight make one point (log-odds).
        bias: per category, in steps.
        pieces: per piece, in turn the number of a category and its weight in steps.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    version: Annotated[str, Field(min_length=1, max_length=40)]
    language: Annotated[Language, Field(strict=False)]
    how: Annotated[str, Field(min_length=1)]
    origin: Annotated[str, Field(min_length=1)]
    temperature: Annotated[float, Field(gt=0, le=100, allow_inf_nan=False)]
    threshold: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
    scale: Annotated[int, Field(ge=1, le=10_000)]
    categories: Annotated[list[str], Field(min_length=2)]
    bias: list[_Weight]
    pieces: dict[str, list[_Weight]]

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if unknown := [slug for slug in self.categories if slug not in load_categories()]:
            raise ValueError(f"categories: {unknown[0]!r} is not in the catalogue")
        if len(set(self.categories)) < len(self.categories):
            raise ValueError("categories: one is there twice")
        if len(self.bias) != len(self.categories):
            raise ValueError(f"bias: {len(self.bias)} numbers for {len(self.categories)} categories")
        for piece, weights in self.pieces.items():
            if len(weights) % 2 or not all(0 <= number < len(self.categories) for number in weights[::2]):
                raise ValueError(f"pieces: {piece!r} has a weight without a category")
        return self


@dataclass(frozen=True, slots=True)
class Model:
    """A linear model, ready to be asked; build it with `model_from`."""

    language: Language
    version: str
    threshold: float
    categories: Sequence[str]
    _temperature: float
    _numbers: Mapping[str, int]
    _weights: Floats
    _bias: Floats

    def confidences(self, pieces: Collection[str]) -> Floats | None:
        """How likely each category is, in the order of `categories`; None when nothing but the length is known."""
        known = [piece for piece in pieces if piece in self._numbers]
        if all(piece.startswith(LENGTH_MARK) for piece in known):
            return None
        rows = self._weights[[self._numbers[piece] for piece in known]]
        scores = rows.sum(axis=0) / np.sqrt(np.float32(len(known))) + self._bias
        powers = np.exp((scores - scores.max()) / np.float32(self._temperature))
        chances: Floats = powers / powers.sum()
        return chances


def model_from(text: str | bytes) -> Model:
    """Read the JSON document of a fitted model.

    Raises:
        ModelError: no JSON, an unknown or missing name, a value out of range, a category that nobody knows.
    """
    try:
        document = ModelDocument.model_validate_json(text)
    except ValidationError as error:
        faults = (f"{'.'.join(map(str, fault['loc'])) or 'model'}: {fault['msg']}" for fault in error.errors())
        raise ModelError("; ".join(faults)) from error
    return built(document)


def built(document: ModelDocument) -> Model:
    """The model that a document describes."""
    weights = np.zeros((len(document.pieces), len(document.categories)), np.float32)
    for row, steps in zip(weights, document.pieces.values(), strict=True):
        row[steps[::2]] = steps[1::2]
    return Model(
        language=document.language,
        version=document.version,
        threshold=document.threshold,
        categories=tuple(document.categories),
        _temperature=document.temperature,
        _numbers={piece: number for number, piece in enumerate(document.pieces)},
        _weights=weights / np.float32(document.scale),
        _bias=np.array(document.bias, np.float32) / np.float32(document.scale),
    )


@cache
def fitted_model(language: Language) -> Model:
    """The model that is shipped, read once per process."""
    return model_from(files("intake.suggestion").joinpath(f"data/{language}.json").read_bytes())
