"""Are the real reports of San Diego usable in Suzhou, and free of what would name a person?"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.world.metres import metres_between
from deploy.world.san_diego import CATEGORIES_PATH, REPORTS_PATH, category_by_service, san_diego_reports, to_suzhou
from deploy.world.suzhou import WorldError
from intake.zones import ZoneMap
from lamplight_events.vocabulary import Source
from tests.events.spoiled_tables import rows_of, spoiled

LONGITUDES, LATITUDES = st.floats(-117.28, -116.91), st.floats(32.54, 33.11)


def test_500_reports_come_in_their_own_order() -> None:
    reports = san_diego_reports()

    offsets_s = [offset_s for offset_s, _ in reports]
    assert len(reports) == 500
    assert offsets_s == sorted(offsets_s)
    assert len({body["client_uuid"] for _, body in reports}) == 500


def test_every_report_lies_in_a_street_of_suzhou() -> None:
    zones = ZoneMap.load()

    for _, body in san_diego_reports():
        assert zones.zone_of(body["location"]["longitude"], body["location"]["latitude"]) is not None


def test_a_report_comes_from_another_city_and_was_settled_by_nobody() -> None:
    for _, body in san_diego_reports():
        assert body["source"] == Source.OPEN311
        assert body["outcome"] is None
        assert body["description"]


def test_the_morning_can_be_told_as_todays() -> None:
    began_at = datetime(2030, 1, 1, 6, tzinfo=UTC)

    reports = san_diego_reports(began_at=began_at)

    for offset_s, body in reports:
        assert datetime.fromisoformat(body["observed_at"]) == began_at + timedelta(seconds=offset_s)


@given(LONGITUDES, LATITUDES, LONGITUDES, LATITUDES)
def test_the_move_to_suzhou_keeps_distances(west: float, south: float, east: float, north: float) -> None:
    there = metres_between((west, south), (east, north))

    here = metres_between(to_suzhou(west, south), to_suzhou(east, north))

    assert here == pytest.approx(there, rel=0.01, abs=1)


def test_the_move_is_affine() -> None:
    points = [to_suzhou(-117.2 + step / 100, 32.6 + step / 50) for step in range(10)]

    steps = [(second[0] - first[0], second[1] - first[1]) for first, second in pairwise(points)]

    assert all(step == pytest.approx(steps[0], abs=3e-6) for step in steps)


def test_no_text_holds_a_number_an_address_or_a_name() -> None:
    for row in rows_of(REPORTS_PATH):
        words = row["description"].split()
        assert not re.search(r"[\d@\[\]]", row["description"])
        assert not any(re.match(r"[A-Z][a-z]", word) for word in words[1:])


def test_every_service_name_stands_for_a_category() -> None:
    assert len(category_by_service()) == 105
    assert category_by_service()["Shared Mobility Device"] == "shared_bike"


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("service_name", "Volcano", "'Volcano' has no category"),
        ("offset_s", "-1", "not between"),
        ("longitude_deg", "west", "not a number"),
        ("latitude_deg", "", "is empty"),
    ],
)
def test_a_mistake_in_a_report_is_refused(tmp_path: Path, field: str, value: str, reason: str) -> None:
    path = spoiled(REPORTS_PATH, tmp_path, key="3297305", field=field, value=value)

    with pytest.raises(WorldError, match=reason):
        san_diego_reports(path)


def test_a_category_that_is_not_in_the_catalogue_is_refused(tmp_path: Path) -> None:
    path = spoiled(CATEGORIES_PATH, tmp_path, key="Pothole", field="category", value="hole")

    with pytest.raises(WorldError, match="'hole' is not in the catalogue"):
        category_by_service(path)
