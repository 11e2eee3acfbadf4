"""Is everything that a person types kept as it was, or refused with the field and the limit, and never shown?"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.vault.entries import (
    MAX_MEDICINE_LENGTH,
    MAX_MEDICINES,
    TEXT_VALUES,
    Address,
    FreeText,
    Kind,
    MedicineList,
    Name,
    Phone,
    Value,
    from_plain,
    make_value,
    to_plain,
)
from lamplight_chassis.errors import Rejected
from tests.intake.vault.builders import A_RECIPIENT, A_REPORTER, a_person

TEXT_KINDS = sorted(TEXT_VALUES)
SAMPLE = {kind: "13800005678" if kind is Kind.PHONE else "试样" for kind in TEXT_KINDS}
MEGABYTE = 1024 * 1024


def refusal_of(kind: Kind, content: str | list[str]) -> str:
    with pytest.raises(Rejected) as refused:
        make_value(kind, content)
    assert refused.value.reason == "bad_value"
    return refused.value.detail


def made(kind: Kind, content: str) -> tuple[str, Value | None]:
    """The refusal, or the value."""
    try:
        return "", make_value(kind, content)
    except Rejected as refused:
        return repr(refused), None


@pytest.mark.parametrize("kind", TEXT_KINDS)
def test_a_megabyte_is_refused_with_the_limit(kind: Kind) -> None:
    limit = TEXT_VALUES[kind].limit

    assert refusal_of(kind, "1" * MEGABYTE) == f"{kind}: at most {limit} characters, not {MEGABYTE}"


@pytest.mark.parametrize("kind", [kind for kind in TEXT_KINDS if kind is not Kind.PHONE])
def test_the_longest_text_is_kept_and_one_more_character_is_refused(kind: Kind) -> None:
    limit = TEXT_VALUES[kind].limit

    assert make_value(kind, "𠮷" * limit).content == "𠮷" * limit
    assert str(limit) in refusal_of(kind, "𠮷" * (limit + 1))


@pytest.mark.parametrize("kind", TEXT_KINDS)
def test_a_nul_is_refused_by_its_field(kind: Kind) -> None:
    assert refusal_of(kind, SAMPLE[kind] + "\x00") == f"{kind}: must not contain the NUL character"


@pytest.mark.parametrize("kind", TEXT_KINDS)
@pytest.mark.parametrize("control", ["\x1b", "\x07", "\x85"])
def test_other_control_characters_are_refused(kind: Kind, control: str) -> None:
    assert refusal_of(kind, SAMPLE[kind] + control) == f"{kind}: must not contain control characters"


@pytest.mark.parametrize("kind", TEXT_KINDS)
def test_half_a_character_is_refused_before_anything_encodes_it(kind: Kind) -> None:
    assert "surrogate" in refusal_of(kind, SAMPLE[kind] + "\ud83d")


@pytest.mark.parametrize("kind", TEXT_KINDS)
@pytest.mark.parametrize("text", ["", " ", "\u3000", "\u200f\u202e", "\u200b"])
def test_a_text_that_shows_nothing_is_refused(kind: Kind, text: str) -> None:
    assert refusal_of(kind, text) == f"{kind}: must contain at least one visible character"


@pytest.mark.parametrize("kind", [Kind.NAME, Kind.PHONE, Kind.HOUSE_NUMBER, Kind.CONTACT])
def test_a_value_of_one_line_has_one_line(kind: Kind) -> None:
    assert "control" in refusal_of(kind, SAMPLE[kind] + "\n" + SAMPLE[kind])


@pytest.mark.parametrize("value", [FreeText("鸡蛋\r\n\t牛奶"), Address("试样路\n3 幢")])
def test_what_is_said_in_own_words_may_have_several_lines(value: Value) -> None:
    assert from_plain(value.kind, to_plain(value)) == value


@pytest.mark.parametrize(
    "name",
    [
        "张",
        "张三",
        "欧阳试",
        "欧阳试样",
        "𠮷野",
        "𡈼𠀋",
        "\u202bمحمد\u202c",
        "O'Brien-Ñu",
        "👵🏽奶奶",
        "阿卜·试",
        "e\u0301va",
    ],
)
def test_every_name_is_kept_as_it_was_typed(name: str) -> None:
    assert from_plain(Kind.NAME, to_plain(Name(name))) == Name(name)


@pytest.mark.parametrize("text", ["1234", "1" * 16, "call me", "13800005678x9", "+", "++8613800005678", "12+345678"])
def test_what_is_no_number_is_no_phone(text: str) -> None:
    assert refusal_of(Kind.PHONE, text) == "phone: must be 5 to 15 digits, with or without a country code"


@pytest.mark.parametrize(
    ("items", "said"),
    [
        ([], f"medicines: must be 1 to {MAX_MEDICINES} items, not 0"),
        (["a"] * (MAX_MEDICINES + 1), f"medicines: must be 1 to {MAX_MEDICINES} items, not {MAX_MEDICINES + 1}"),
        (["a", "b\x00"], "medicines.1: must not contain the NUL character"),
        (["a" * (MAX_MEDICINE_LENGTH + 1)], f"medicines.0: at most {MAX_MEDICINE_LENGTH} characters, not 201"),
        (["a", " "], "medicines.1: must contain at least one visible character"),
    ],
)
def test_a_bad_medicine_list_is_refused_by_item_and_limit(items: list[str], said: str) -> None:
    assert refusal_of(Kind.MEDICINES, items) == said


def test_a_value_of_the_wrong_form_is_refused() -> None:
    assert refusal_of(Kind.MEDICINES, "one") == "medicines: must be a list of texts"
    assert refusal_of(Kind.NAME, ["one"]) == "name: must be a text"


def test_a_person_has_each_kind_at_most_once() -> None:
    with pytest.raises(Rejected, match="at most one value of each kind") as refused:
        a_person(values=(Name("张三"), Name("李四")))
    assert "张" not in str(refused.value)


@pytest.mark.parametrize("value", [*A_RECIPIENT, *A_REPORTER], ids=lambda value: value.kind)
@pytest.mark.parametrize("show", [repr, str, format, lambda value: f"{value!r:>50}"])
def test_no_value_shows_its_content(value: Value, show: Callable[[object], str]) -> None:
    contents = [value.content] if isinstance(value.content, str) else value.content

    assert not any(content in show(value) for content in contents)
    assert not any(content in show(a_person(values=(value,))) for content in contents)


@given(st.text(max_size=60), st.sampled_from(TEXT_KINDS))
def test_any_text_is_kept_exactly_or_refused_without_being_repeated(text: str, kind: Kind) -> None:
    refusal, value = made(kind, "识" + text)

    assert value is None or from_plain(kind, to_plain(value)).content == "识" + text
    assert "识" not in refusal


@given(st.lists(st.text(min_size=1, max_size=20), min_size=1, max_size=5))
def test_any_medicine_list_is_kept_exactly_or_refused(items: list[str]) -> None:
    try:
        value = make_value(Kind.MEDICINES, items)
    except Rejected:
        return
    assert from_plain(Kind.MEDICINES, to_plain(value)) == MedicineList(tuple(items))


def test_a_phone_keeps_how_it_was_written_and_knows_its_one_spelling() -> None:
    phone = Phone("+86 138-0000-5678")

    assert (phone.content, phone.normal) == ("+86 138-0000-5678", "13800005678")
