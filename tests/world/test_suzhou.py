"""Do the demo city's spots lie where their teams patrol, and do the generated files come from their generators?"""

from __future__ import annotations

import json
from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest
import shapely

from deploy.world.make_spots import LEAST_DISTANCE_M, make_spots
from deploy.world.make_zones import make_zones
from deploy.world.metres import metres_between, shifted
from deploy.world.suzhou import LIGHTING_STREETS, SPOTS_PATH, WorldError, lighting_teams, patrol_spots
from intake.zones import ZONES_PATH, ZoneMap
from tests.events.spoiled_tables import rows_of, spoiled


def test_the_lighting_action_has_twelve_teams_and_224_spots() -> None:
    spots = patrol_spots().values()

    assert len(lighting_teams()) == 12
    assert len(spots) == 224
    assert {spot.team_id for spot in spots} == {team.unit_id for team in lighting_teams()}
    assert set(Counter(spot.team_id for spot in spots).values()) <= {18, 19}


def test_every_spot_lies_in_its_street() -> None:
    zones = ZoneMap.load()

    for spot in patrol_spots().values():
        assert spot.zone in LIGHTING_STREETS
        assert zones.zone_of(spot.longitude_deg, spot.latitude_deg) == spot.zone


def test_spots_of_a_street_are_apart() -> None:
    for first, second in combinations(patrol_spots().values(), 2):
        if first.zone == second.zone:
            distance_m = metres_between(
                (first.longitude_deg, first.latitude_deg), (second.longitude_deg, second.latitude_deg)
            )
            assert distance_m >= LEAST_DISTANCE_M


def test_the_shipped_spots_are_those_that_the_generator_draws() -> None:
    drawn = [[str(cell) for cell in row] for row in make_spots()]

    assert drawn == [list(row.values()) for row in rows_of(SPOTS_PATH)]


def test_the_shipped_outlines_are_those_that_the_generator_draws() -> None:
    shipped = json.loads(ZONES_PATH.read_text(encoding="utf-8"))["features"]

    drawn = make_zones()["features"]

    assert isinstance(drawn, list)
    for feature, other in zip(drawn, shipped, strict=True):
        outline, expected = (shapely.from_geojson(json.dumps(each["geometry"])) for each in (feature, other))
        assert feature["properties"] == other["properties"]
        assert shapely.equals_exact(outline, expected, 1e-5, normalize=True)


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("spot_id", "spot 1", "not of the form"),
        ("team_id", "patrol_caohu_1", "not a patrol team of 320507007"),
        ("team_id", "squadron_chengyang", "not a patrol team of 320507007"),
        ("zone", "320507999", "not a street"),
        ("name_zh", "", "is empty"),
        ("longitude_deg", "east", "not a number"),
        ("latitude_deg", "120.6", "not between"),
        ("categories", "mobile_vendor nonsense", "'nonsense' is not in the catalogue"),
        ("weight", "9", "not between"),
    ],
)
def test_a_mistake_in_a_spot_is_refused(tmp_path: Path, field: str, value: str, reason: str) -> None:
    path = spoiled(SPOTS_PATH, tmp_path, key="spot_320507007_01", field=field, value=value)

    with pytest.raises(WorldError, match=reason):
        patrol_spots(path)


def test_a_point_that_was_shifted_lies_at_the_distance_of_the_shift() -> None:
    start = (120.62, 31.31)

    end = shifted(start, east_m=300.0, north_m=-400.0)

    assert metres_between(start, end) == pytest.approx(500.0, abs=0.5)
    assert end[0] > start[0]
    assert end[1] < start[1]
