"""Does a report without a point wait, and can an operator give it its place, once?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from intake.place.locating import City, Place, Point, Standing
from intake.place.waiting import WHAT_IS_NEEDED, FoundBy, PlaceGiven, Waiting, place_by_operator, place_of
from lamplight_chassis.errors import Rejected
from lamplight_events.vocabulary import Source

CITY = City.load()
NOW = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)
POINT = Point(longitude=120.631, latitude=31.445)
OUTSIDE = Point(longitude=121.33, latitude=31.42)


def told(
    *, location: Point | None = None, address: str | None = None, source: Source = Source.CONTACT_DAY
) -> Place | Waiting:
    return place_of(location, address=address, source=source, city=CITY, now=NOW)


def given(location: Point = POINT) -> PlaceGiven:
    return PlaceGiven(location=location, found_by=FoundBy.MAP, opinion="north gate")


def test_a_report_with_a_point_has_its_place_at_once() -> None:
    report = told(location=POINT, address="元和之春北门")

    assert isinstance(report, Place)
    assert report.standing is Standing.INSIDE


def test_a_report_with_an_address_alone_waits() -> None:
    report = told(address="  元和之春\u3000北门 ")

    assert report == Waiting("元和之春 北门", Source.CONTACT_DAY, NOW)
    assert report.standing is Standing.WAITING_FOR_PLACE


@pytest.mark.parametrize("address", [None, "", "  ", "？！", "\u200f\u200e", "路", "长" * 201])
def test_a_report_without_a_point_and_without_a_usable_address_is_refused(address: str | None) -> None:
    with pytest.raises(Rejected, match=r"^no_place: "):
        told(address=address)


def test_a_wrong_point_is_refused_even_beside_an_address() -> None:
    with pytest.raises(Rejected, match=r"^outside_city: "):
        told(location=OUTSIDE, address="元和之春北门")


def test_an_operator_places_a_waiting_report() -> None:
    waiting = told(address="元和之春北门")

    placing = place_by_operator(waiting, given(), operator="operator_7", city=CITY, now=NOW + timedelta(minutes=5))

    assert placing.place.standing is Standing.INSIDE
    assert (placing.operator, placing.found_by, placing.waited_s) == ("operator_7", FoundBy.MAP, 300.0)


def test_the_rule_of_the_reports_own_channel_holds_for_the_operators_point() -> None:
    waiting, caller = told(address="元和之春北门"), told(address="边界路口", source=Source.HOTLINE_12345)

    with pytest.raises(Rejected, match=r"^outside_city: "):
        place_by_operator(waiting, given(OUTSIDE), operator="operator_7", city=CITY, now=NOW)
    placing = place_by_operator(caller, given(OUTSIDE), operator="operator_7", city=CITY, now=NOW)

    assert placing.place.standing is Standing.OUTSIDE


def test_a_report_that_has_a_place_is_not_placed_again() -> None:
    placed = told(location=POINT)

    with pytest.raises(Rejected, match=r"^already_placed: "):
        place_by_operator(placed, given(), operator="operator_7", city=CITY, now=NOW)


def test_what_an_operator_must_give_is_what_the_form_requires() -> None:
    assert set(WHAT_IS_NEEDED) == set(PlaceGiven.model_json_schema()["required"])


@pytest.mark.parametrize("missing", ["location", "found_by"])
def test_a_placing_without_what_is_needed_is_refused(missing: str) -> None:
    body = {"location": {"longitude": 120.6, "latitude": 31.4}, "found_by": FoundBy.MAP}
    del body[missing]

    with pytest.raises(ValidationError, match=missing):
        PlaceGiven.model_validate(body)
