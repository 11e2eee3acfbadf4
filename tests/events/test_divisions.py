"""Are the city's streets and communities whole, and is every mistake in them refused?"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from lamplight_events.catalogue import CatalogueError
from lamplight_events.divisions import (
    COMMUNITIES_PATH,
    DISTRICTS_PATH,
    FORMER_PATH,
    ZONES_PATH,
    FormerDivision,
    Validity,
    code_today,
    division_at,
    load_communities,
    load_districts,
    load_former_divisions,
    load_zones,
)
from tests.events.spoiled_tables import spoiled, with_row


def test_all_districts_streets_and_known_communities_are_there() -> None:
    assert (len(load_districts()), len(load_zones()), len(load_communities())) == (10, 118, 206)


@pytest.mark.parametrize(
    ("code", "name_zh", "district_code"),
    [
        ("320507001", "元和街道", "320507"),
        ("320507007", "澄阳街道", "320507"),
        ("320508020", "沧浪街道", "320508"),
        ("320508023", "苏锦街道", "320508"),
        ("320583401", "昆山旅游度假区", "320583"),
    ],
)
def test_a_street_is_found_by_its_nine_digits(code: str, name_zh: str, district_code: str) -> None:
    zone = load_zones()[code]

    assert (zone.code, zone.name_zh, zone.district_code) == (code, name_zh, district_code)


@pytest.mark.parametrize(
    ("code", "name_zh", "zone_code"),
    [
        ("320507003206", "占上村委会", "320507003"),
        ("320508020014", "桂花社区居委会", "320508020"),
        ("320508020028", "三香社区居委会", "320508020"),
        ("320507001038", "依云水岸社区居委会", "320507001"),
    ],
)
def test_a_community_belongs_to_its_street(code: str, name_zh: str, zone_code: str) -> None:
    community = load_communities()[code]

    assert (community.name_zh, community.zone_code) == (name_zh, zone_code)


@pytest.mark.parametrize(
    ("day", "is_valid"),
    [
        (date(2023, 6, 29), False),
        (date(2023, 6, 30), True),
        (date(2024, 6, 30), True),
        (date(2024, 7, 1), False),
    ],
)
def test_a_code_is_valid_from_its_first_to_its_last_day(day: date, is_valid: bool) -> None:
    validity = Validity(date(2023, 6, 30), date(2024, 6, 30))

    assert validity.covers(day) is is_valid


def test_a_code_without_a_last_day_stays_valid() -> None:
    zone = load_zones()["320507001"]

    assert zone.validity.valid_to is None
    assert zone.validity.covers(date(2999, 1, 1))


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("code", "32050700", "not of the form"),
        ("code", "320508001", "does not begin with its district"),
        ("code", "320507002", "already on line"),
        ("name_zh", "", "is empty"),
        ("district_code", "320599", "not a known district"),
        ("valid_from", "2023", "not a day"),
        ("valid_from", "", "is empty"),
        ("valid_to", "tomorrow", "not a day"),
        ("valid_to", "2020-01-01", "before valid_from"),
    ],
)
def test_a_mistake_in_a_street_is_refused(tmp_path: Path, field: str, value: str, reason: str) -> None:
    path = spoiled(ZONES_PATH, tmp_path, key="320507001", field=field, value=value)

    with pytest.raises(CatalogueError, match=reason):
        load_zones(path)


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("code", "320507001", "not of the form"),
        ("code", "320508001003", "does not begin with its street"),
        ("zone_code", "320507999", "not a known street"),
        ("name_zh", "", "is empty"),
    ],
)
def test_a_mistake_in_a_community_is_refused(tmp_path: Path, field: str, value: str, reason: str) -> None:
    path = spoiled(COMMUNITIES_PATH, tmp_path, key="320507001003", field=field, value=value)

    with pytest.raises(CatalogueError, match=reason):
        load_communities(path)


def test_a_mistake_in_a_district_is_refused(tmp_path: Path) -> None:
    path = with_row(
        DISTRICTS_PATH, tmp_path, code="3205", name_zh="苏州市", name_en="Suzhou", valid_from="2023-06-30", valid_to=""
    )

    with pytest.raises(CatalogueError, match="not of the form"):
        load_districts(path)


@pytest.mark.parametrize(
    ("code", "day", "name_zh"),
    [
        ("320507", date(2024, 1, 1), "相城区"),
        ("320507001", date(2024, 1, 1), "元和街道"),
        ("320507003206", date(2024, 1, 1), "占上村委会"),
        ("320507003009", date(2020, 5, 1), "占上村委会"),
        ("320571", date(2020, 5, 1), "苏州工业园区"),
        ("320571", date(2023, 6, 29), "苏州工业园区"),
    ],
)
def test_a_code_is_resolved_at_its_time(code: str, day: date, name_zh: str) -> None:
    found = division_at(code, day)

    assert found is not None
    assert found.name_zh == name_zh


@pytest.mark.parametrize(
    ("code", "day"),
    [
        ("320571", date(2023, 6, 30)),
        ("320571", date(2010, 1, 1)),
        ("320507001", date(2023, 6, 29)),
        ("320507999", date(2024, 1, 1)),
        ("", date(2024, 1, 1)),
    ],
)
def test_a_code_means_nothing_before_and_after_its_days(code: str, day: date) -> None:
    assert division_at(code, day) is None
    assert code_today(code, day) is None


@pytest.mark.parametrize(
    ("code", "day", "today"),
    [
        ("320507003009", date(2020, 5, 1), "320507003206"),
        ("320571", date(2020, 5, 1), "320576"),
        ("320507001", date(2024, 1, 1), "320507001"),
    ],
)
def test_a_code_leads_to_the_one_that_stands_for_it_today(code: str, day: date, today: str) -> None:
    assert code_today(code, day) == today


def test_a_former_code_that_nothing_replaced_leads_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    given_up = FormerDivision("320507800", "旧镇", "", Validity(date(2017, 1, 1), date(2023, 6, 29)))
    monkeypatch.setattr("lamplight_events.divisions.load_former_divisions", lambda: (given_up,))

    assert division_at("320507800", date(2020, 1, 1)) is given_up
    assert code_today("320507800", date(2020, 1, 1)) is None


def test_former_codes_are_in_no_list_of_today() -> None:
    former = {each.code for each in load_former_divisions()}

    assert not former & {*load_districts(), *load_zones(), *load_communities()}


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("code", "32057", "not of the form"),
        ("code", "320508", "is 姑苏区 on some of these days"),
        ("name_zh", "", "is empty"),
        ("replaced_by", "320599", "not a code of today of the same level"),
        ("replaced_by", "320507001", "not a code of today of the same level"),
        ("valid_from", "2017", "not a day"),
        ("valid_to", "", "belongs into the list of today"),
        ("valid_to", "2016-01-01", "before valid_from"),
    ],
)
def test_a_mistake_in_a_former_code_is_refused(tmp_path: Path, field: str, value: str, reason: str) -> None:
    overlapping = FORMER_PATH
    if field == "code":
        overlapping = spoiled(FORMER_PATH, tmp_path, key="320571", field="valid_to", value="2024-01-01")
    path = spoiled(overlapping, tmp_path, key="320571", field=field, value=value)

    with pytest.raises(CatalogueError, match=reason):
        load_former_divisions(path)


def test_a_former_code_with_two_meanings_on_one_day_is_refused(tmp_path: Path) -> None:
    path = with_row(
        FORMER_PATH, tmp_path, code="320571", name_zh="园区", valid_from="2020-01-01", valid_to="2021-01-01"
    )

    with pytest.raises(CatalogueError, match="is 苏州工业园区 on some of these days"):
        load_former_divisions(path)


def test_a_former_code_may_have_meant_something_else_at_another_time(tmp_path: Path) -> None:
    path = with_row(
        FORMER_PATH, tmp_path, code="320571", name_zh="旧区", valid_from="2010-01-01", valid_to="2016-12-31"
    )

    assert len(load_former_divisions(path)) == 3
