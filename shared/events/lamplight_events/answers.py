"""Are these answers to a category's questions, and what do they say?"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import NoReturn

from lamplight_events.attributes import LISTS, Attribute, Datatype, attributes_of

Answer = str | float | datetime | tuple[str, ...]
"""A text, a number, a moment in UTC, or the chosen keys."""

SHOWN_CHARS = 40


class AnswerRefused(ValueError):
    """An answer that a category does not take; `field` is the question's code, `reason` a stable word."""

    def __init__(self, field: str, reason: str, detail: str) -> None:
        super().__init__(f"attributes.{field}: {detail}")
        self.field = field
        self.reason = reason


def check_attributes(category: str, answers: Mapping[str, object]) -> Mapping[str, Answer]:
    """The answers as they are kept, in the order of the questions.

    Arguments:
        answers: by the question's code: a text, a number, a moment with its zone (also as ISO text), or for the two
            lists a key or a sequence of keys. None and an empty text or sequence count as no answer.

    Raises:
        AnswerRefused: a question that is not asked, a required one without an answer, an answer of another type or
            beyond its limit; the field and the limit are named.
    """
    questions = {attribute.code: attribute for attribute in attributes_of(category)}
    for code in answers:
        if code not in questions:
            asked = ", ".join(questions) or "nothing"
            raise AnswerRefused(code[:SHOWN_CHARS], "unknown_attribute", f"{category} asks {asked}")
    return MappingProxyType(
        {
            code: _READERS[attribute.datatype](attribute, answers[code])
            for code, attribute in questions.items()
            if _is_given(attribute, answers.get(code))
        }
    )


def answers_from_texts(category: str, texts: Mapping[str, Sequence[str]]) -> Mapping[str, Answer]:
    """The same for a form, where everything is text: `attribute[code]=…`, once or several times.

    Raises:
        AnswerRefused: as `check_attributes` does, and for two answers to a question that takes one.
    """
    datatypes = {attribute.code: attribute.datatype for attribute in attributes_of(category)}
    return check_attributes(category, {code: _read(code, datatypes.get(code), given) for code, given in texts.items()})


def private_codes(category: str) -> frozenset[str]:
    """The questions whose answers belong into the vault and into no event."""
    return frozenset(attribute.code for attribute in attributes_of(category) if attribute.is_private)


def _is_given(attribute: Attribute, answer: object) -> bool:
    is_given = answer is not None and answer not in ("", (), [])
    if attribute.is_required and not is_given:
        raise AnswerRefused(attribute.code, "missing_attribute", "is required")
    return is_given


def _text(attribute: Attribute, answer: object) -> str:
    if not isinstance(answer, str):
        _refuse(attribute, f"{_shown(answer)} is not a text")
    if len(answer) > attribute.high:
        _refuse(attribute, f"has {len(answer)} characters; at most {attribute.high:.0f} are kept")
    if "\x00" in answer:
        _refuse(attribute, "must not contain the NUL character")
    if attribute.datatype is Datatype.STRING and len(answer.splitlines()) > 1:
        _refuse(attribute, "must be one line")
    if not answer.strip():
        _refuse(attribute, "is blank")
    return answer


def _number(attribute: Attribute, answer: object) -> float:
    if isinstance(answer, bool) or not isinstance(answer, int | float):
        _refuse(attribute, f"{_shown(answer)} is not a number")
    if not attribute.low <= answer <= attribute.high:
        _refuse(attribute, f"{_shown(answer)} is not between {attribute.low:g} and {attribute.high:g}")
    return float(answer)


def _moment(attribute: Attribute, answer: object) -> datetime:
    try:
        moment = datetime.fromisoformat(answer) if isinstance(answer, str) else answer
        if not isinstance(moment, datetime) or moment.tzinfo is None:
            _refuse(attribute, f"{_shown(answer)} is not a moment with its zone, such as 2026-07-01T12:00:00+08:00")
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise AnswerRefused(attribute.code, "bad_attribute", f"{_shown(answer)} does not exist in UTC") from error
    except ValueError as error:
        if isinstance(error, AnswerRefused):
            raise
        raise AnswerRefused(attribute.code, "bad_attribute", f"{_shown(answer)} is not a moment") from error


def _chosen(attribute: Attribute, answer: object) -> str:
    keys = _keys(attribute, answer)
    if len(keys) > 1:
        _refuse(attribute, f"takes one answer, not {len(keys)}")
    return keys[0]


def _keys(attribute: Attribute, answer: object) -> tuple[str, ...]:
    keys = (answer,) if isinstance(answer, str) else answer
    if not isinstance(keys, list | tuple):
        _refuse(attribute, f"{_shown(answer)} is no key and no list of keys")
    if len(keys) > len(attribute.values):
        _refuse(attribute, f"has {len(keys)} answers; there are {len(attribute.values)} to choose from")
    known = {value.key: value.key for value in attribute.values}
    for key in keys:
        if not isinstance(key, str) or key not in known:
            _refuse(attribute, f"{_shown(key)} is none of {', '.join(known)}")
    if len(set(keys)) < len(keys):
        _refuse(attribute, "has a key twice")
    return tuple(key for key in known if key in keys)


_READERS: Mapping[Datatype, Callable[[Attribute, object], Answer]] = {
    Datatype.STRING: _text,
    Datatype.TEXT: _text,
    Datatype.NUMBER: _number,
    Datatype.DATETIME: _moment,
    Datatype.SINGLE: _chosen,
    Datatype.MULTI: _keys,
}


def _read(code: str, datatype: Datatype | None, given: Sequence[str]) -> object:
    """What a form's texts mean; what cannot be meant is left as text, which the check then refuses."""
    if datatype in LISTS:
        return tuple(text for text in given if text)
    if len(given) > 1:
        raise AnswerRefused(code[:SHOWN_CHARS], "bad_attribute", f"takes one answer, not {len(given)}")
    text = given[0] if given else ""
    return _as_number(text) if datatype is Datatype.NUMBER and text else text


def _as_number(text: str) -> float | str:
    try:
        number = float(text)
    except ValueError:
        return text
    return number if math.isfinite(number) else text


def _refuse(attribute: Attribute, detail: str) -> NoReturn:
    raise AnswerRefused(attribute.code, "bad_attribute", detail)


def _shown(answer: object) -> str:
    # A number of a million digits is refused by Python itself when it is written out.
    if isinstance(answer, int) and not isinstance(answer, bool) and abs(answer) > 10**SHOWN_CHARS:
        return "this number"
    return repr(answer[:SHOWN_CHARS] if isinstance(answer, str) else answer)[: SHOWN_CHARS + 2]
