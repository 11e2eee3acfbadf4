"""Are the city's streets and communities whole, and is every mistake in them refused?"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from lamplight_events.catalogue import CatalogueError
from lamplight_events.divisions import (
    COMMUNITIES_PATH,
    DISTRICTS_PATH,
    ZONES_PATH,
    Validity,
    load_communities,
    load_districts,
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
