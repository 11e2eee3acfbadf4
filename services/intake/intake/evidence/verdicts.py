"""Does a photo fit the time and place of its matter?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from intake.evidence.photos import Shot

EARTH_RADIUS_M = 6_371_008.8
FIRST_POSSIBLE = datetime(2000, 1, 1, tzinfo=UTC)
"""A camera whose clock was never set counts from 1970 or 1980."""


class Verdict(StrEnum):
    """What a person may make of a photo: take it, look at it, or not rely on it."""

    OK = "ok"
    DOUBTFUL = "doubtful"
    FAILED = "failed"


SEVERITY: Mapping[Verdict, int] = {Verdict.OK: 0, Verdict.DOUBTFUL: 1, Verdict.FAILED: 2}


@dataclass(frozen=True, slots=True)
class VerdictLimits:
    """How far a photo may be from its matter.

    Arguments:
        doubtful_distance_m: some phones write GCJ-02 into their photos, which moves a point by up to 700 m: up to here
            a photo is doubtful, beyond it has failed.
        clock_lead: how far a camera's clock may be ahead.
    """

    window_slack: timedelta = timedelta(minutes=15)
    distance_m: float = 200.0
    doubtful_distance_m: float = 1_000.0
    clock_lead: timedelta = timedelta(minutes=5)

    def __post_init__(self) -> None:
        if not 0 < self.distance_m <= self.doubtful_distance_m:
            raise ValueError("distance_m: must be above 0 and at most doubtful_distance_m")
        if self.window_slack < timedelta() or self.clock_lead < timedelta():
            raise ValueError("window_slack and clock_lead: must not be negative")


@dataclass(frozen=True, slots=True)
class Matter:
    """When and where the thing that a photo shows was: a shift's window and spot, or a report's time and place."""

    begins_at: datetime
    ends_at: datetime
    longitude_deg: float | None
    latitude_deg: float | None

    def __post_init__(self) -> None:
        if self.ends_at < self.begins_at:
            raise ValueError("ends_at: must not be before begins_at")


@dataclass(frozen=True, slots=True)
class Finding:
    """One verdict, the word for its reason, and the reason in both languages."""

    verdict: Verdict
    reason: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was found about a photo's time and about its place; the worse of the two counts."""

    time: Finding
    place: Finding

    @property
    def verdict(self) -> Verdict:
        return max(self.time.verdict, self.place.verdict, key=SEVERITY.__getitem__)

    @property
    def reason_zh(self) -> str:
        return f"{self.time.zh}；{self.place.zh}"

    @property
    def reason_en(self) -> str:
        return f"{self.time.en}; {self.place.en}"


_REASONS: Mapping[str, tuple[Verdict, str, str]] = {
    "time_fits": (Verdict.OK, "拍摄时间在时段内", "taken within the time of the matter"),
    "no_time": (Verdict.DOUBTFUL, "照片没有拍摄时间", "the photo does not say when it was taken"),
    "future_time": (Verdict.FAILED, "拍摄时间晚于上传时间", "taken after it was sent, as its camera says"),
    "impossible_time": (Verdict.FAILED, "拍摄时间不可能", "taken at a time that cannot be"),
    "too_early": (
        Verdict.FAILED,
        "拍摄时间早于时段{minutes}分钟，最多允许{allowed}分钟",
        "taken {minutes} min before the time of the matter, at most {allowed} min are allowed",
    ),
    "too_late": (
        Verdict.FAILED,
        "拍摄时间晚于时段{minutes}分钟，最多允许{allowed}分钟",
        "taken {minutes} min after the time of the matter, at most {allowed} min are allowed",
    ),
    "place_fits": (Verdict.OK, "拍摄地点相距{distance}米", "taken {distance} m from the place of the matter"),
    "no_place": (Verdict.DOUBTFUL, "照片没有拍摄地点", "the photo does not say where it was taken"),
    "no_matter_place": (Verdict.DOUBTFUL, "事项没有坐标，无法核对地点", "the matter has no point to compare with"),
    "impossible_place": (Verdict.FAILED, "拍摄地点不可能", "taken at a place that cannot be"),
    "rather_far": (
        Verdict.DOUBTFUL,
        "拍摄地点相距{distance}米，超过{allowed}米，可能是坐标系偏移",
        "taken {distance} m from the place of the matter, more than {allowed} m: perhaps in another coordinate system",
    ),
    "too_far": (
        Verdict.FAILED,
        "拍摄地点相距{distance}米，最多允许{allowed}米",
        "taken {distance} m from the place of the matter, at most {allowed} m are allowed",
    ),
}


def judge(shot: Shot, *, uploaded_at: datetime, matter: Matter, limits: VerdictLimits) -> Judgement:
    """Compare what a photo says of itself with its matter. All times are aware, all points WGS-84."""
    return Judgement(_judge_time(shot, uploaded_at, matter, limits), _judge_place(shot, matter, limits))


def _judge_time(shot: Shot, uploaded_at: datetime, matter: Matter, limits: VerdictLimits) -> Finding:
    at, slack = shot.at, limits.window_slack
    if at is None:
        return _found("no_time")
    if at > uploaded_at + limits.clock_lead:
        return _found("future_time")
    if at < FIRST_POSSIBLE:
        return _found("impossible_time")
    if at < matter.begins_at - slack:
        return _found("too_early", minutes=_minutes(matter.begins_at - at), allowed=_minutes(slack))
    if at > matter.ends_at + slack:
        return _found("too_late", minutes=_minutes(at - matter.ends_at), allowed=_minutes(slack))
    return _found("time_fits")


def _judge_place(shot: Shot, matter: Matter, limits: VerdictLimits) -> Finding:
    if shot.longitude_deg is None or shot.latitude_deg is None:
        return _found("no_place")
    if not (-180 <= shot.longitude_deg <= 180 and -90 <= shot.latitude_deg <= 90):
        return _found("impossible_place")
    if matter.longitude_deg is None or matter.latitude_deg is None:
        return _found("no_matter_place")
    distance_m = distance_between_m(
        (shot.longitude_deg, shot.latitude_deg), (matter.longitude_deg, matter.latitude_deg)
    )
    if distance_m <= limits.distance_m:
        return _found("place_fits", distance=round(distance_m))
    reason = "rather_far" if distance_m <= limits.doubtful_distance_m else "too_far"
    return _found(reason, distance=math.ceil(distance_m), allowed=round(limits.distance_m))


def distance_between_m(one: tuple[float, float], other: tuple[float, float]) -> float:
    """The great-circle distance of two points (longitude, latitude in degrees)."""
    (from_longitude, from_latitude), (to_longitude, to_latitude) = ((*map(math.radians, p),) for p in (one, other))
    rise = math.sin((to_latitude - from_latitude) / 2) ** 2
    turn = math.sin((to_longitude - from_longitude) / 2) ** 2
    return (
        2
        * EARTH_RADIUS_M
        * math.asin(math.sqrt(min(1.0, rise + math.cos(from_latitude) * math.cos(to_latitude) * turn)))
    )


def _found(reason: str, **numbers: int) -> Finding:
    verdict, zh, en = _REASONS[reason]
    return Finding(verdict, reason, zh.format(**numbers), en.format(**numbers))


def _minutes(span: timedelta) -> int:
    return math.ceil(span / timedelta(minutes=1))
