"""Does the noon of the lighting action have the numbers that it made known?"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from itertools import combinations
from uuid import UUID

import pytest

from deploy.world.metres import metres_between
from deploy.world.noon import OTHERS, VENDORS, noon_patrol
from deploy.world.report_body import ReportBody
from deploy.world.suzhou import lighting_teams
from intake.zones import ZoneMap
from lamplight_events.catalogue import load_categories
from lamplight_events.vocabulary import Outcome, Source

SEEDS = range(5)


def point_of(body: ReportBody) -> tuple[float, float]:
    return body["location"]["longitude"], body["location"]["latitude"]


@pytest.mark.parametrize("seed", SEEDS)
def test_300_vendors_are_180_persuaded_and_120_handed_over(seed: int) -> None:
    outcomes = Counter(body["outcome"] for body in noon_patrol(seed) if body["category"] in VENDORS)

    assert outcomes == {Outcome.PERSUADED: 180, Outcome.REFUSED: 120}


@pytest.mark.parametrize("seed", SEEDS)
def test_30_drivers_are_all_educated(seed: int) -> None:
    outcomes = Counter(body["outcome"] for body in noon_patrol(seed) if body["category"] in OTHERS)

    assert outcomes == {Outcome.EDUCATED: 30}


def test_nothing_else_is_reported() -> None:
    bodies = noon_patrol(1)

    assert len(bodies) == 330
    assert {body["source"] for body in bodies} == {Source.PATROL}
    assert all(load_categories()[body["category"]].patrol_settles for body in bodies)


def test_the_same_seed_gives_the_same_noon_and_another_seed_another() -> None:
    assert noon_patrol(1) == noon_patrol(1)
    assert noon_patrol(1) != noon_patrol(2)


def test_every_report_has_its_own_id() -> None:
    ids = {UUID(body["client_uuid"]) for body in noon_patrol(1)}

    assert len(ids) == 330
    assert {each.version for each in ids} == {4}


def test_reports_come_in_the_order_of_their_times_around_noon() -> None:
    times = [datetime.fromisoformat(body["observed_at"]) for body in noon_patrol(1, day=date(2024, 5, 15))]

    assert times == sorted(times)
    assert times[0] >= datetime(2024, 5, 15, 3, 45, tzinfo=UTC)
    assert times[-1] <= datetime(2024, 5, 15, 4, 45, tzinfo=UTC)


def test_every_team_reports_from_its_own_street_one_after_the_other() -> None:
    zones, streets = ZoneMap.load(), {team.unit_id: team.areas for team in lighting_teams()}

    bodies = noon_patrol(1)

    assert all(zones.zone_of(*point_of(body)) in streets[body["reporter_ref"]] for body in bodies)
    moments = Counter((body["reporter_ref"], body["observed_at"]) for body in bodies)
    assert set(moments.values()) == {1}


@pytest.mark.parametrize("seed", SEEDS)
def test_no_two_sightings_of_a_category_could_be_taken_for_one(seed: int) -> None:
    for first, second in combinations(noon_patrol(seed), 2):
        if first["category"] == second["category"]:
            assert metres_between(point_of(first), point_of(second)) > 100


def test_no_text_says_that_a_patrol_punished() -> None:
    texts = " ".join(body["description"] for body in noon_patrol(1))

    assert "移交城管中队" in texts
    assert not any(word in texts for word in ("罚款", "处罚", "没收", "扣押"))
