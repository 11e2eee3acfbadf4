"""What do the patrols of the lighting action report on one noon?

The numbers are those that the action made known, as round as it gave them: 300 vendors found, 180 of them persuaded,
the other 120 handed over, and 30 parked cars and passenger tricycles whose drivers were all educated on the spot.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from itertools import groupby
from uuid import UUID

from deploy.world.metres import shifted
from deploy.world.report_body import ReportBody, report_body
from deploy.world.suzhou import Spot, patrol_spots
from lamplight_events.vocabulary import Outcome, Source

VENDORS: Mapping[str, int] = {
    "mobile_vendor": 140,
    "road_occupying_trade": 70,
    "shop_overflow": 60,
    "unlicensed_trade": 30,
}
OTHERS: Mapping[str, int] = {"sidewalk_parking": 18, "passenger_tricycle": 12}
PERSUADED = 180

CHINA = timezone(timedelta(hours=8))
DEMO_DAY = date(2025, 6, 18)
BEGIN, LENGTH_S = time(11, 45), 3600.0
WANDER_M = 50.0
"""How far from its spot a patrol finds something, to each side: sightings at two spots stay 100 m apart."""

GOODS = ("水果", "盒饭", "烤红薯", "凉皮", "手机壳", "鲜花", "袜子", "豆浆", "煎饼", "玩具")
FOUND: Mapping[str, str] = {
    "mobile_vendor": "流动摊贩沿街售卖{goods}",
    "road_occupying_trade": "占道摆摊售卖{goods}",
    "shop_overflow": "店铺把{goods}摆到门外人行道上",
    "unlicensed_trade": "无证售卖{goods}",
    "sidewalk_parking": "机动车停在人行道上",
    "passenger_tricycle": "客运三轮车在路口揽客",
}
ENDED: Mapping[Outcome, str] = {
    Outcome.PERSUADED: "经劝导已自行离开",
    Outcome.EDUCATED: "已当场教育，驾驶人驶离",
    Outcome.REFUSED: "劝导后仍不离开，移交城管中队",
}


@dataclass(frozen=True, slots=True)
class Sighting:
    """What a team found at one of its spots, and how it ended."""

    spot: Spot
    category: str
    outcome: Outcome


def noon_patrol(seed: int, *, day: date = DEMO_DAY) -> list[ReportBody]:
    """The 330 reports of one noon in the order of their times; the same seed and day give the same reports."""
    dice = random.Random(seed)
    sightings = _sightings(dice)
    bodies: list[ReportBody] = []
    for _, of_team in groupby(sightings, key=lambda sighting: sighting.spot.team_id):
        bodies.extend(_round(list(of_team), day, dice))
    return sorted(bodies, key=lambda body: body["observed_at"])


def _sightings(dice: random.Random) -> list[Sighting]:
    """Every spot is good for one sighting, some for a second one of another category."""
    spots = list(patrol_spots().values())
    cards = _cards(dice)
    twice = dice.sample(spots, k=len(cards) - len(spots))
    found: list[Sighting] = []
    for spot in twice:
        first = cards.pop()
        second = next(number for number, card in enumerate(cards) if card[0] != first[0])
        found += [Sighting(spot, *first), Sighting(spot, *cards.pop(second))]
    once = (spot for spot in spots if spot not in twice)
    found += [Sighting(spot, *card) for spot, card in zip(once, cards, strict=True)]
    return sorted(found, key=lambda sighting: sighting.spot.spot_id)


def _cards(dice: random.Random) -> list[tuple[str, Outcome]]:
    """All pairs of category and outcome, shuffled."""
    vendors = [slug for slug, count in VENDORS.items() for _ in range(count)]
    dice.shuffle(vendors)
    outcomes = [Outcome.PERSUADED] * PERSUADED + [Outcome.REFUSED] * (len(vendors) - PERSUADED)
    others = [(slug, Outcome.EDUCATED) for slug, count in OTHERS.items() for _ in range(count)]
    cards = [*zip(vendors, outcomes, strict=True), *others]
    dice.shuffle(cards)
    return cards


def _round(sightings: list[Sighting], day: date, dice: random.Random) -> Iterator[ReportBody]:
    """One team walks from spot to spot, evenly over the hour, give or take a fifth of the way."""
    begin, step_s = datetime.combine(day, BEGIN, CHINA), LENGTH_S / len(sightings)
    for number, sighting in enumerate(sightings):
        after_s = round((number + 0.5 + dice.uniform(-0.2, 0.2)) * step_s)
        yield _body(sighting, begin + timedelta(seconds=after_s), dice)


def _body(sighting: Sighting, observed_at: datetime, dice: random.Random) -> ReportBody:
    spot = sighting.spot
    found = FOUND[sighting.category].format(goods=dice.choice(GOODS))
    point = shifted(
        (spot.longitude_deg, spot.latitude_deg),
        east_m=dice.uniform(-WANDER_M, WANDER_M),
        north_m=dice.uniform(-WANDER_M, WANDER_M),
    )
    return report_body(
        client_uuid=UUID(int=dice.getrandbits(128), version=4),
        source=Source.PATROL,
        category=sighting.category,
        point=point,
        description=f"{spot.name_zh}：{found}，{ENDED[sighting.outcome]}。",
        observed_at=observed_at,
        outcome=sighting.outcome,
        reporter_ref=spot.team_id,
    )
