"""Does every report get its place, is a point outside treated by its rule, and is a swapped pair explained?"""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from intake.place.cells import zone_of_cell
from intake.place.coordinates import CoordSys, gcj02_to_bd09, wgs84_to_gcj02
from intake.place.locating import City, Point, Standing, locate
from intake.place.outside import OUTSIDE_PATH, OutsideAnswer, OutsideError, load_outside_rules
from lamplight_chassis.errors import Rejected
from lamplight_events.vocabulary import Source
from tests.events.spoiled_tables import spoiled, with_row, without_row

CITY = City.load()
INSIDE = (120.631, 31.445)
NEAR_BORDER = (121.33, 31.42)
FAR_AWAY = (-117.16, 32.72)


def point(longitude: float, latitude: float, coord_sys: str = "wgs84") -> Point:
    return Point.model_validate({"longitude": longitude, "latitude": latitude, "coord_sys": CoordSys(coord_sys)})


def test_a_point_inside_gets_its_street_and_its_cell() -> None:
    place = locate(point(*INSIDE), source=Source.PATROL, city=CITY)

    assert (place.longitude_deg, place.latitude_deg) == INSIDE
    assert place.standing is Standing.INSIDE
    assert place.cell is not None
    assert zone_of_cell(place.cell) == place.zone
    assert place.outside_km == 0.0


@pytest.mark.parametrize(
    ("coord_sys", "told"),
    [
        ("gcj02", wgs84_to_gcj02(*INSIDE)),
        ("bd09", gcj02_to_bd09(*wgs84_to_gcj02(*INSIDE))),
        ("cgcs2000", INSIDE),
    ],
)
def test_the_same_place_told_in_another_system_is_the_same_place(coord_sys: str, told: tuple[float, float]) -> None:
    place = locate(point(*told, coord_sys), source=Source.PATROL, city=CITY)

    assert (place.longitude_deg, place.latitude_deg) == pytest.approx(INSIDE, abs=1e-6)


@pytest.mark.parametrize("source", [source for source, rule in load_outside_rules().items() if rule.max_km == 0])
def test_most_channels_refuse_a_point_outside(source: Source) -> None:
    with pytest.raises(Rejected, match=r"^outside_city: location: 121\.33, 31\.42 .* in no street of the city$"):
        locate(point(*NEAR_BORDER), source=source, city=CITY)


@pytest.mark.parametrize("source", [Source.HOTLINE_12345, Source.COUNTER, Source.CITY_PLATFORM])
def test_a_channel_that_serves_callers_at_the_border_takes_it_to_the_nearest_street(source: Source) -> None:
    place = locate(point(*NEAR_BORDER), source=source, city=CITY)

    assert place.standing is Standing.OUTSIDE
    assert place.zone.startswith("320585"), "Taicang lies there"
    assert place.cell is None
    assert 0 < place.outside_km < 5
    assert "accepted from" in place.reason


def test_even_such_a_channel_refuses_what_is_far_away() -> None:
    with pytest.raises(Rejected, match="takes points up to 20 km outside"):
        locate(point(*FAR_AWAY), source=Source.HOTLINE_12345, city=CITY)


@pytest.mark.parametrize("coord_sys", ["wgs84", "gcj02", "bd09", "cgcs2000"])
def test_a_swapped_pair_is_refused_with_a_hint(coord_sys: str) -> None:
    with pytest.raises(Rejected, match=r"latitude: 120\.631 is not between -90 and 90.*swapped"):
        locate(point(INSIDE[1], INSIDE[0], coord_sys), source=Source.PATROL, city=CITY)


def test_a_point_that_is_wrong_either_way_gets_no_hint() -> None:
    with pytest.raises(Rejected) as refusal:
        locate(point(*FAR_AWAY), source=Source.PATROL, city=CITY)

    assert "swapped" not in refusal.value.detail


@pytest.mark.parametrize("number", ["NaN", "Infinity", '"120.6"', "null", "true"])
def test_what_is_no_number_is_refused_by_the_form(number: str) -> None:
    with pytest.raises(ValidationError, match="longitude"):
        Point.model_validate_json(f'{{"longitude": {number}, "latitude": 31.4}}')


@pytest.mark.parametrize("coord_sys", ["web_mercator", "epsg4326", ""])
def test_a_system_that_the_form_does_not_know_is_refused(coord_sys: str) -> None:
    with pytest.raises(ValidationError, match="coord_sys"):
        Point.model_validate_json(f'{{"longitude": 120.6, "latitude": 31.4, "coord_sys": "{coord_sys}"}}')


def test_the_form_tells_its_limits() -> None:
    fields = Point.model_json_schema()["properties"]

    assert (fields["longitude"]["minimum"], fields["latitude"]["maximum"]) == (-180, 90)


def test_every_channel_has_a_rule() -> None:
    assert set(load_outside_rules()) == set(Source)
    assert {rule.answer for rule in load_outside_rules().values()} == set(OutsideAnswer)


@pytest.mark.parametrize(
    ("key", "field", "value", "reason"),
    [
        ("patrol", "source", "drone", "none of patrol"),
        ("patrol", "source", "sensor", "already on line"),
        ("patrol", "answer", "perhaps", "none of refuse"),
        ("patrol", "max_km", "5", "must be empty"),
        ("counter", "max_km", "", "is empty"),
        ("counter", "max_km", "0", "not between"),
        ("counter", "max_km", "nan", "not between"),
        ("counter", "note", "", "is empty"),
    ],
)
def test_a_mistake_in_a_rule_is_refused(tmp_path: Path, key: str, field: str, value: str, reason: str) -> None:
    path = spoiled(OUTSIDE_PATH, tmp_path, key=key, field=field, value=value)

    with pytest.raises(OutsideError, match=reason):
        load_outside_rules(path)


def test_a_table_without_a_channel_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutsideError, match="without a rule for forum"):
        load_outside_rules(without_row(OUTSIDE_PATH, tmp_path, key="forum"))


def test_a_second_rule_for_a_channel_is_refused(tmp_path: Path) -> None:
    path = with_row(OUTSIDE_PATH, tmp_path, source="forum", answer="refuse", note="again")

    with pytest.raises(OutsideError, match="already on line"):
        load_outside_rules(path)
