"""Are the questions of each category whole, and is every mistake in them refused?"""

from __future__ import annotations

from pathlib import Path

import pytest

from lamplight_events.attributes import (
    ATTRIBUTES_PATH,
    LISTS,
    VALUES_PATH,
    Datatype,
    attributes_of,
    load_attributes,
    load_values,
)
from lamplight_events.catalogue import CatalogueError, load_categories
from tests.events.spoiled_tables import rows_of, with_row, written

RIGHT = {
    "asked_of": "bbq", "code": "charcoal", "datatype": "singlevaluelist", "required": "no", "private": "no",
    "order": "9", "values": "yes_no", "question_zh": "用炭吗？", "question_en": "Is it charcoal?",
}  # fmt: skip


def test_every_type_of_the_open311_standard_is_in_use() -> None:
    used = {attribute.datatype for each in load_attributes().values() for attribute in each}

    assert used == {"string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"}


def test_questions_come_in_their_order_and_each_code_once() -> None:
    for slug, attributes in load_attributes().items():
        assert slug in load_categories()
        assert [each.order for each in attributes] == sorted({each.order for each in attributes}), slug
        assert len({each.code for each in attributes}) == len(attributes), slug


def test_a_list_has_values_and_nothing_else_has() -> None:
    for attributes in load_attributes().values():
        for attribute in attributes:
            assert bool(attribute.values) is (attribute.datatype in LISTS)


def test_a_question_to_a_group_is_asked_by_each_of_its_categories() -> None:
    emergencies = [slug for slug, each in load_categories().items() if each.group.slug == "emergency"]

    assert all(attributes_of(slug)[0].code == "people_in_danger" for slug in emergencies)


def test_a_category_without_questions_asks_none() -> None:
    assert attributes_of("other") == ()
    assert attributes_of("no such category") == ()


@pytest.mark.parametrize(
    ("category", "code"),
    [
        ("errand_medicine", "medicines"),
        ("errand_goods", "items"),
        ("elder_meal", "diet"),
        ("mediation", "background"),
        ("sidewalk_parking", "plate"),
    ],
)
def test_what_is_personal_is_marked_for_the_vault(category: str, code: str) -> None:
    private = {attribute.code for attribute in attributes_of(category) if attribute.is_private}

    assert code in private


def test_whoever_asks_for_medicine_is_told_what_is_not_bought() -> None:
    kind = next(each for each in attributes_of("errand_medicine") if each.code == "kind")

    assert kind.is_required
    assert "narcotic" in kind.hint_en
    assert "麻醉" in kind.hint_zh


@pytest.mark.parametrize(
    ("cells", "field", "reason"),
    [
        ({"asked_of": "barbecue"}, "asked_of", "no category and no group"),
        ({"asked_of": ""}, "asked_of", "is empty"),
        ({"asked_of": "bbq bbq"}, "code", "is asked charcoal already"),
        ({"code": "Charcoal"}, "code", "not of the form"),
        ({"code": "c" * 41}, "code", "not of the form"),
        ({"code": "usual_time"}, "code", "is asked usual_time already"),
        ({"order": "5"}, "order", "another question at 5"),
        ({"order": "0"}, "order", "not between"),
        ({"datatype": "boolean"}, "datatype", "none of string"),
        ({"required": "maybe"}, "required", "neither yes nor no"),
        ({"private": ""}, "private", "is empty"),
        ({"values": "colours"}, "values", "none of yes_no"),
        ({"values": ""}, "values", "is empty"),
        ({"high": "5"}, "high", "must be empty"),
        ({"low": "5"}, "low", "must be empty"),
        ({"datatype": "number", "values": ""}, "low", "is empty"),
        ({"datatype": "number", "values": "", "low": "5", "high": "4"}, "high", "not between"),
        ({"datatype": "number", "low": "1", "high": "4"}, "values", "must be empty"),
        ({"datatype": "string", "values": "", "high": "201"}, "high", "not between"),
        ({"datatype": "text", "values": "", "high": "4001"}, "high", "not between"),
        ({"datatype": "text", "values": "", "low": "1"}, "low", "must be empty"),
        ({"datatype": "datetime"}, "values", "must be empty"),
        ({"question_zh": ""}, "question_zh", "is empty"),
        ({"question_en": ""}, "question_en", "is empty"),
    ],
)
def test_a_mistake_is_refused_with_file_line_and_field(
    tmp_path: Path, cells: dict[str, str], field: str, reason: str
) -> None:
    path = with_row(ATTRIBUTES_PATH, tmp_path, **(RIGHT | cells))

    with pytest.raises(CatalogueError, match=reason) as refusal:
        load_attributes(path)

    assert (refusal.value.path, refusal.value.field) == (path, field)
    assert refusal.value.line == len(rows_of(path)) + 1


def test_a_further_question_is_taken(tmp_path: Path) -> None:
    path = with_row(ATTRIBUTES_PATH, tmp_path, **RIGHT)

    assert [each.code for each in load_attributes(path)["bbq"]] == ["usual_time", "charcoal"]


def test_a_category_is_not_asked_without_end(tmp_path: Path) -> None:
    rows = rows_of(ATTRIBUTES_PATH)
    rows += [rows[0] | RIGHT | {"code": f"q{number}", "order": str(number + 10)} for number in range(20)]

    with pytest.raises(CatalogueError, match="20 questions already"):
        load_attributes(written(tmp_path / "attributes.csv", rows))


def test_a_list_that_nobody_uses_is_refused(tmp_path: Path) -> None:
    values = with_row(VALUES_PATH, tmp_path, list="colours", key="red", name_zh="红", name_en="Red")

    with pytest.raises(CatalogueError, match="without a use of the list colours"):
        load_attributes(ATTRIBUTES_PATH, values)


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"list": "Yes"}, "not of the form"),
        ({"key": "yes"}, "is in the list yes_no already"),
        ({"key": "May be"}, "not of the form"),
        ({"name_zh": ""}, "is empty"),
        ({"name_en": ""}, "is empty"),
    ],
)
def test_a_mistake_in_a_value_is_refused(tmp_path: Path, cells: dict[str, str], reason: str) -> None:
    right = {"list": "yes_no", "key": "maybe", "name_zh": "也许", "name_en": "Maybe"}
    path = with_row(VALUES_PATH, tmp_path, **(right | cells))

    with pytest.raises(CatalogueError, match=reason):
        load_values(path)


def test_a_number_has_both_limits_and_a_text_has_its_own() -> None:
    for attributes in load_attributes().values():
        for attribute in attributes:
            is_limited = attribute.datatype in {Datatype.NUMBER, Datatype.STRING, Datatype.TEXT}
            assert (attribute.high > attribute.low) is is_limited, attribute.code
