"""Which numbers decide that two reports tell of the same matter, and where do they come from?"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from intake.duplicates.addresses import AddressMatch
from intake.duplicates.shapes import Shape
from intake.duplicates.texts import GramWeights

FITTED = "data/fitted.json"

Points = Annotated[float, Field(ge=-50, le=50, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, le=1_000_000, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class ParametersError(ValueError):
    """Parameters that must not be used; the text names the field."""


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Curve(_Table):
    """Knots of a measure, and the points at each."""

    knots: list[Annotated[float, Field(ge=0, allow_inf_nan=False)]]
    points: list[Points]

    @cached_property
    def shape(self) -> Shape:
        """Ready to be asked."""
        return Shape(self.knots, self.points)

    @model_validator(mode="after")
    def _is_a_shape(self) -> Self:
        self.shape.falls()
        return self


class Limits(_Table):
    """Beyond which two reports are not compared at all."""

    distance_m: Positive
    other_category_distance_m: Positive
    gap_h: Positive
    candidates: Annotated[int, Field(ge=1, le=1000)]


class CategoryHabit(_Table):
    """How the points of a category differ from the usual: at the spot at once, with distance, with time."""

    affinity: Points
    per_log_m: Annotated[float, Field(ge=-10, le=0, allow_inf_nan=False)]
    per_log_min: Annotated[float, Field(ge=-10, le=10, allow_inf_nan=False)]


class Categories(_Table):
    """Points for a pair of categories; `pairs` holds unlike ones that are taken for each other, in either order."""

    same: Points
    same_group: Points
    other: Points
    habits: dict[str, CategoryHabit]
    pairs: list[tuple[str, str, Points]]

    @cached_property
    def learned(self) -> dict[frozenset[str], float]:
        """The points of each known pair."""
        return {frozenset((first, second)): points for first, second, points in self.pairs}


class Texts(_Table):
    """Points for what two texts have in common, and how much each piece of a text says."""

    similarity: Curve
    only_one: Points
    neither: Points
    gram_weights: dict[str, Positive]
    unknown_gram_weight: Positive

    @cached_property
    def scale(self) -> GramWeights:
        """Ready to make profiles."""
        return GramWeights(self.gram_weights, self.unknown_gram_weight)

    @cached_property
    def most_points(self) -> float:
        """What no text can exceed."""
        return max(self.only_one, self.neither, *self.similarity.points)


class NearIdentical(_Table):
    """What two reports of unlike categories must have in common to be one matter all the same, and what that brings.

    Texts of fewer `pieces` do not count: one word is easily the same.
    """

    distance_m: Positive
    similarity: Share
    pieces: Annotated[int, Field(ge=1, le=300)]
    photo_bits: Annotated[int, Field(ge=0, le=64)]
    points: Points


class Burst(_Table):
    """One device, minutes apart: the same told again, or several matters one after the other."""

    within_min: Positive
    again_distance_m: Positive
    again_similarity: Share
    again: Points


class Parameters(_Table):
    """All of them. `how` says how they were obtained; `threshold` is in the same points (log-odds) as the score."""

    version: Annotated[str, Field(min_length=1, max_length=40)]
    how: Annotated[str, Field(min_length=1)]
    threshold: Points
    base: Points
    limits: Limits
    distance_m: Curve
    gap_min: Curve
    categories: Categories
    texts: Texts
    addresses: dict[AddressMatch, Points]
    photo_bits: Curve
    near_identical: NearIdentical
    burst: Burst

    @model_validator(mode="after")
    def _is_sensible(self) -> Self:
        for name, curve in (("distance_m", self.distance_m), ("photo_bits", self.photo_bits)):
            if not curve.shape.falls():
                raise ValueError(f"{name}: points must not rise with the measure")
        if not self.texts.similarity.shape.rises():
            raise ValueError("texts.similarity: points must not fall as texts become more alike")
        if missing := set(AddressMatch) - set(self.addresses):
            raise ValueError(f"addresses: {', '.join(sorted(missing))} is missing")
        return self


def parameters_from(text: str | bytes) -> Parameters:
    """Read a JSON document of parameters.

    Raises:
        ParametersError: no JSON, an unknown or missing name, a value out of range, a curve that bends the wrong way.
    """
    try:
        return Parameters.model_validate_json(text)
    except ValidationError as error:
        raise ParametersError("; ".join(_named(fault["loc"], fault["msg"]) for fault in error.errors())) from error


@lru_cache(maxsize=1)
def fitted_parameters() -> Parameters:
    """The parameters that are shipped, read once per process."""
    return parameters_from(files("intake.duplicates").joinpath(FITTED).read_bytes())


def _named(where: Sequence[int | str], what: str) -> str:
    return f"{'.'.join(map(str, where)) or 'parameters'}: {what}"
