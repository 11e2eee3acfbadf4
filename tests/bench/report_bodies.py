"""Which reports do the benchmarks send? Synthetic points and texts, the same in every run."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import shapely

from intake.zones import ZONES_PATH
from lamplight_events.catalogue import load_categories
from lamplight_events.vocabulary import Source

SEED = 2026
BODIES = 500
SOURCES = (Source.RESIDENT_WEB, Source.HOTLINE_12345, Source.COURIER_SENTINEL, Source.GRID_WORKER, Source.PATROL)
TEXTS = (
    "路口有流动摊贩占道经营,已经影响行人通行,请派人来看一下。",
    "人行道上停了好几辆车,轮椅和婴儿车都过不去。",
    "垃圾桶满了两天没有清运,味道很大。",
    "A manhole cover is loose and rattles whenever a bus passes, somebody will trip over it.",
    "小区门口的路灯坏了一周,晚上看不清台阶。",
)


@dataclass(frozen=True, slots=True)
class Place:
    """A point inside a street."""

    zone: str
    longitude_deg: float
    latitude_deg: float


@cache
def places() -> Sequence[Place]:
    """One point in every street of the city."""
    features = json.loads(ZONES_PATH.read_bytes())["features"]
    return [_place(feature) for feature in features]


@cache
def report_bodies(count: int = BODIES) -> Sequence[bytes]:
    """JSON bodies for `POST /v1/reports`; none is settled on the spot: each leads to one assignment and one alert."""
    draw = random.Random(SEED)
    categories = sorted(load_categories())
    return [_body(draw, draw.choice(places()), draw.choice(categories)) for _ in range(count)]


def _place(feature: dict[str, object]) -> Place:
    point = shapely.from_geojson(json.dumps(feature["geometry"])).representative_point()
    properties = feature["properties"]
    assert isinstance(properties, dict)
    return Place(str(properties["code"]), round(point.x, 6), round(point.y, 6))


def _body(draw: random.Random, place: Place, category: str) -> bytes:
    report = {
        "source": draw.choice(SOURCES),
        "category": category,
        "location": {"longitude": place.longitude_deg, "latitude": place.latitude_deg},
        "description": draw.choice(TEXTS),
        "reporter_ref": f"bench-{draw.randrange(200):03d}",
    }
    return json.dumps(report, ensure_ascii=False).encode()
