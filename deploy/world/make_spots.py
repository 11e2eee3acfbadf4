"""Where could the lighting action's patrol spots be, as long as their real places are not published?

The spots are synthetic: scattered over the middle of the three streets from a fixed seed, and shared out among a
street's teams by direction. Run it as `python -m deploy.world.make_spots`.
"""

from __future__ import annotations

import csv
import json
import math
import random
from collections.abc import Iterator, Sequence

import shapely
from shapely import affinity
from shapely.geometry.base import BaseGeometry

from deploy.world.metres import Degrees, metres_between
from deploy.world.suzhou import LIGHTING_STREETS, SPOT_COLUMNS, SPOTS_PATH, lighting_teams
from intake.zones import ZONES_PATH
from lamplight_events.catalogue import load_categories
from lamplight_events.divisions import ZoneCode, load_zones

SEED = 1217
SPOTS = 224
LEAST_DISTANCE_M = 250.0
CENTRE_SHARE = 0.5
"""Spots lie where people shop, in the middle half of a street, not in the fields at its edge."""

PLACES = ("菜场门口", "学校门口", "地铁口", "公交站", "商场门口", "公园门口", "厂区门口", "小区门口")


def make_spots() -> Iterator[tuple[object, ...]]:
    """The rows of the table of spots, street by street."""
    dice = random.Random(SEED)
    for order, zone in enumerate(LIGHTING_STREETS):
        count = SPOTS // len(LIGHTING_STREETS) + (order < SPOTS % len(LIGHTING_STREETS))
        yield from _street(zone, count, dice)


def _street(zone: ZoneCode, count: int, dice: random.Random) -> Iterator[tuple[object, ...]]:
    teams = [team.unit_id for team in lighting_teams() if zone in team.areas]
    patrolled = [category.slug for category in load_categories().values() if category.patrol_settles]
    centre = affinity.scale(_outline(zone), CENTRE_SHARE, CENTRE_SHARE)
    for number, point in enumerate(_clockwise(_scatter(centre, count, dice))):
        team_id = teams[number * len(teams) // count]
        name_zh = f"{load_zones()[zone].name_zh}{number + 1}号点（{dice.choice(PLACES)}）"
        looked_for = " ".join(sorted(dice.sample(patrolled, k=3)))
        spot_id = f"spot_{zone}_{number + 1:02}"
        yield spot_id, team_id, zone, name_zh, *point, looked_for, dice.choices((1, 2, 3, 4, 5), (8, 5, 3, 2, 1))[0]


def _outline(zone: ZoneCode) -> BaseGeometry:
    features = json.loads(ZONES_PATH.read_text(encoding="utf-8"))["features"]
    geometry = next(feature["geometry"] for feature in features if feature["properties"]["code"] == zone)
    return shapely.from_geojson(json.dumps(geometry))


def _scatter(outline: BaseGeometry, count: int, dice: random.Random) -> list[Degrees]:
    west, south, east, north = outline.bounds
    points: list[Degrees] = []
    while len(points) < count:
        point = round(dice.uniform(west, east), 6), round(dice.uniform(south, north), 6)
        is_apart = all(metres_between(point, other) >= LEAST_DISTANCE_M for other in points)
        if is_apart and outline.contains(shapely.Point(point)):
            points.append(point)
    return points


def _clockwise(points: Sequence[Degrees]) -> list[Degrees]:
    longitude = sum(point[0] for point in points) / len(points)
    latitude = sum(point[1] for point in points) / len(points)
    return sorted(points, key=lambda point: math.atan2(point[0] - longitude, point[1] - latitude))


def main() -> None:
    with SPOTS_PATH.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(SPOT_COLUMNS)
        writer.writerows(make_spots())


if __name__ == "__main__":
    main()
