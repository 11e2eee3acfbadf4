"""What happens on a simulated day, event by event, when a policy decides who is asked?"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count
from time import perf_counter
from typing import Protocol

from dispatch.matching.acceptance import Answer
from dispatch.simulation.metrics import Outcome
from dispatch.simulation.state import NOTHING, Doing, State, start_of_day
from dispatch.simulation.world import DROPPED_AFTER_S, World

NEVER_S = float("inf")


class What(StrEnum):
    """What an event tells."""

    REPORTED = "reported"
    DROPPED = "dropped"
    ON_DUTY = "on_duty"
    OFF_DUTY = "off_duty"
    ANSWERED = "answered"
    FREE = "free"
    LOOK_AGAIN = "look_again"


class Policy(Protocol):
    """Decides whom to ask. `look_again_s`: decide again after so many seconds without an event, 0 for never."""

    look_again_s: float

    def decide(self, state: State) -> Sequence[tuple[int, int]]:
        """(report row, volunteer row) of the offers to make now."""

    def on_answer(self, state: State, report: int, volunteer: int, answer: Answer) -> None:
        """Learn from an answer."""


@dataclass(slots=True)
class Simulation:
    """One day under one policy; run it once."""

    world: World
    policy: Policy
    state: State = field(init=False)
    decisions: int = 0
    deciding_s: float = 0.0
    _events: list[tuple[float, int, What, int, int]] = field(default_factory=list)
    _order: count[int] = field(default_factory=count)
    _looks_again_at_s: float = NEVER_S

    def __post_init__(self) -> None:
        self.state = start_of_day(self.world)
        for report, at_s in enumerate(self.world.reports.at_s.tolist()):
            self._later(at_s, What.REPORTED, report)
        people = self.world.volunteers
        for volunteer, (on_s, off_s) in enumerate(zip(people.on_s.tolist(), people.off_s.tolist(), strict=True)):
            self._later(on_s, What.ON_DUTY, volunteer)
            self._later(off_s, What.OFF_DUTY, volunteer)

    def run(self) -> Outcome:
        """Play all events of the day."""
        while self._events:
            self.state.now_s = self._events[0][0]
            something_new = False
            while self._events and self._events[0][0] <= self.state.now_s:
                _, _, what, first, second = heapq.heappop(self._events)
                something_new |= self._happens(what, first, second)
            if something_new and self.state.waiting.any():
                self._decide()
        return Outcome.of(self.state, decisions=self.decisions, deciding_s=self.deciding_s)

    def _later(self, at_s: float, what: What, first: int, second: int = NOTHING) -> None:
        heapq.heappush(self._events, (at_s, next(self._order), what, first, second))

    def _decide(self) -> None:
        began = perf_counter()
        offers = self.policy.decide(self.state)
        self.deciding_s += perf_counter() - began
        self.decisions += 1
        for report, volunteer in offers:
            self._offer(report, volunteer)
        again_s = self.state.now_s + self.policy.look_again_s
        if self.policy.look_again_s and self.state.waiting.any() and again_s < self._looks_again_at_s:
            self._looks_again_at_s = again_s
            self._later(again_s, What.LOOK_AGAIN, NOTHING)

    def _offer(self, report: int, volunteer: int) -> None:
        state = self.state
        refuse_offer(state, report, volunteer)
        _, after_s = self.world.answer(report, volunteer, state.distance_m(report, volunteer))
        state.asked[report].add(volunteer)
        state.offers += 1
        state.outstanding[report] += 1
        state.waiting[report] = False
        state.offered[volunteer] = report
        state.last_asked_at_s[volunteer] = state.now_s
        if state.doing[volunteer] == Doing.IDLE:
            state.doing[volunteer] = Doing.ANSWERING
        self._later(state.now_s + after_s, What.ANSWERED, report, volunteer)

    def _happens(self, what: What, first: int, second: int) -> bool:
        """Play one event; true when a policy may now decide otherwise."""
        match what:
            case What.REPORTED:
                self._reported(first)
            case What.DROPPED:
                return self._dropped(first)
            case What.ON_DUTY:
                self.state.doing[first] = Doing.IDLE
            case What.OFF_DUTY:
                return self._off_duty(first)
            case What.ANSWERED:
                self._answered(first, second)
            case What.FREE:
                self._free(first)
            case What.LOOK_AGAIN:
                self._looks_again_at_s = NEVER_S
        return True

    def _reported(self, report: int) -> None:
        self.state.reported += 1
        self.state.waiting[report] = True
        self._later(self.state.now_s + DROPPED_AFTER_S, What.DROPPED, report)

    def _dropped(self, report: int) -> bool:
        self.state.waiting[report] = False
        return False

    def _off_duty(self, volunteer: int) -> bool:
        if self.state.doing[volunteer] == Doing.IDLE:
            self.state.doing[volunteer] = Doing.OFF_DUTY
        return False

    def _answered(self, report: int, volunteer: int) -> None:
        state = self.state
        said_yes, _ = self.world.answer(report, volunteer, state.distance_m(report, volunteer))
        state.outstanding[report] -= 1
        state.offered[volunteer] = NOTHING
        self.policy.on_answer(state, report, volunteer, Answer.YES if said_yes else Answer.NO)
        in_time = state.now_s < self.world.reports.at_s[report] + DROPPED_AFTER_S
        if said_yes and in_time and not state.promised[report] and self._can_come(report, volunteer):
            self._accepted(report, volunteer)
            return
        state.waiting[report] = in_time and not state.promised[report] and not state.outstanding[report]
        if state.doing[volunteer] == Doing.ANSWERING:
            state.doing[volunteer] = self._rests(volunteer)

    def _accepted(self, report: int, volunteer: int) -> None:
        state = self.state
        state.promised[report], state.waiting[report] = True, False
        state.accepted[volunteer] += 1
        if state.doing[volunteer] == Doing.AT_WORK:
            state.next_report[volunteer] = report
        else:
            self._sets_out(report, volunteer)

    def _sets_out(self, report: int, volunteer: int) -> None:
        state, world = self.state, self.world
        way_m = state.distance_m(report, volunteer)
        arrives_at_s = state.now_s + way_m * float(world.pace_s_per_m[volunteer])
        state.response_s[report] = arrives_at_s - world.reports.at_s[report]
        state.travelled_m += way_m
        state.doing[volunteer] = Doing.AT_WORK
        state.arrives_at_s[volunteer] = arrives_at_s
        state.place_m[volunteer] = world.report_m[report]
        self._later(arrives_at_s + float(world.on_site_s[report]), What.FREE, volunteer)

    def _free(self, volunteer: int) -> None:
        state = self.state
        report = int(state.next_report[volunteer])
        state.next_report[volunteer] = NOTHING
        in_time = report != NOTHING and state.now_s < self.world.reports.at_s[report] + DROPPED_AFTER_S
        if in_time and self._arrives_in_shift(report, volunteer):
            self._sets_out(report, volunteer)
            return
        if in_time:
            self._breaks_promise(report, volunteer)
        if state.offered[volunteer] != NOTHING:
            state.doing[volunteer] = Doing.ANSWERING
        else:
            state.doing[volunteer] = self._rests(volunteer)

    def _breaks_promise(self, report: int, volunteer: int) -> None:
        """The visit before took so long that the shift would end on the way: somebody else is asked."""
        self.state.promised[report] = False
        self.state.waiting[report] = not self.state.outstanding[report]
        self.state.accepted[volunteer] -= 1

    def _can_come(self, report: int, volunteer: int) -> bool:
        """Whether a yes can be kept; for who is still at work that is seen when the visit is over."""
        return self.state.doing[volunteer] == Doing.AT_WORK or self._arrives_in_shift(report, volunteer)

    def _arrives_in_shift(self, report: int, volunteer: int) -> bool:
        way_s = self.state.distance_m(report, volunteer) * float(self.world.pace_s_per_m[volunteer])
        return bool(self.state.now_s + way_s <= self.world.volunteers.off_s[volunteer])

    def _rests(self, volunteer: int) -> Doing:
        return Doing.IDLE if self.state.now_s < self.world.volunteers.off_s[volunteer] else Doing.OFF_DUTY


def refuse_offer(state: State, report: int, volunteer: int) -> None:
    """Refuse an offer that the world's rules do not allow, whichever policy makes it.

    Raises:
        ValueError: names the rule.
    """
    reasons = (
        (bool(state.promised[report]), "the report is promised to somebody"),
        (not state.waiting[report] and not state.outstanding[report], "the report is not waiting"),
        (volunteer in state.asked[report], "the volunteer was asked before"),
        (state.doing[volunteer] not in (Doing.IDLE, Doing.AT_WORK), "the volunteer is off duty or answering"),
        (state.offered[volunteer] != NOTHING, "the volunteer is being asked"),
        (state.next_report[volunteer] != NOTHING, "the volunteer has promised to come elsewhere next"),
        (state.now_s >= state.world.volunteers.off_s[volunteer], "the shift is over"),
    )
    for is_broken, why in reasons:
        if is_broken:
            raise ValueError(f"offer of report row {report} to volunteer row {volunteer}: {why}")
