"""Do the players report and work as the plan says, and as the city would see it?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from deploy.demo.calls import Json
from deploy.demo.city_api import CityApi
from deploy.demo.pacing import Act, two_acts
from deploy.demo.players import Players, Run
from deploy.demo.scene import Progress
from deploy.demo.stage import Stage
from deploy.local.failure import CannotRun
from lamplight_events.vocabulary import SETTLED_OUTCOMES
from tests.demo.builders import an_alert

RUN = Run(UUID(int=5), datetime(2026, 3, 1, tzinfo=UTC))


class FakeCity(CityApi):
    """Takes every report and every order, and keeps them."""

    def __init__(self) -> None:
        self.reports: dict[str, Mapping[str, Any]] = {}
        self.orders: list[tuple[str, str, str]] = []
        self.names: list[str] = []

    async def submit_report(self, body: Mapping[str, Any], *, name: str) -> Json:
        self.reports[name] = body
        self.names.append(name)
        return {"case_id": name}

    async def await_case(self, case_id: str) -> Json:
        return {"unit_id": None if self.reports[case_id]["outcome"] in SETTLED_OUTCOMES else "squadron_yuanhe"}

    async def give_order(self, case_id: str, order: str, body: Mapping[str, Any], *, name: str) -> Json:
        self.orders.append((case_id, order, body["actor"]))
        self.names.append(name)
        return {}


class DeafCity(FakeCity):
    """Does not take any order."""

    async def give_order(self, case_id: str, order: str, body: Mapping[str, Any], *, name: str) -> Json:
        raise CannotRun("dispatch did not answer.")


def a_noon() -> Act:
    return two_acts(seed=1, length_s=0.1)[0]


async def test_every_report_is_sent_once_under_a_name_of_the_run() -> None:
    city, act = FakeCity(), a_noon()

    await Players(city, Stage([act]), RUN, seed=1).play(act)

    assert len(city.reports) == 330
    assert len({body["client_uuid"] for body in city.reports.values()}) == 330
    assert max(Counter(city.names).values()) == 1
    assert all(name.startswith(RUN.name) and 8 <= len(name) <= 64 for name in city.names)


async def test_orders_of_a_case_come_in_their_order_from_those_who_may_give_them() -> None:
    city, act = FakeCity(), a_noon()

    await Players(city, Stage([act]), RUN, seed=1).play(act)

    courses: dict[str, list[tuple[str, str]]] = {}
    for case_id, order, actor in city.orders:
        courses.setdefault(case_id, []).append((order, actor))
    whole = [("accept", "squadron_yuanhe"), ("resolve", "squadron_yuanhe"), ("close", "command_centre")]
    audited = [("close", "command_centre")]
    assert all(course in (whole[:1], whole[:2], whole, audited) for course in courses.values())
    settled = {name for name, body in city.reports.items() if body["outcome"] in SETTLED_OUTCOMES}
    assert all((course == audited) == (case_id in settled) for case_id, course in courses.items())


async def test_the_stage_shows_what_was_done() -> None:
    city, act = FakeCity(), a_noon()
    stage = Stage([act])

    await Players(city, stage, RUN, seed=1).play(act)

    scene = stage.scene()
    assert scene.reports == {act.name: Progress(330, 330)}
    assert scene.orders == Progress(len(city.orders), len(city.orders))
    assert scene.act is None


async def test_the_first_sentence_of_a_failure_is_told() -> None:
    act = a_noon()

    with pytest.raises(CannotRun, match=r"^dispatch did not answer\.$"):
        await Players(DeafCity(), Stage([act]), RUN, seed=1).play(act)


def test_the_stage_keeps_the_newest_alerts_and_counts_all() -> None:
    stage = Stage([])

    for position in range(100):
        stage.on_alert(an_alert(position))

    assert stage.scene().alert_count == 100
    assert [alert.position for alert in stage.scene().alerts][:2] == [99, 98]
    assert len(stage.scene().alerts) == 60


def test_only_the_alert_of_a_new_case_is_timed() -> None:
    stage = Stage([a_noon()])
    stage.report_sent(a_noon().name, "case-1", 0.0)

    stage.on_alert(an_alert(1, kind="case_closed"))

    assert stage.scene().latency is None
