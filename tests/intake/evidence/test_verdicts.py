"""Does every photo get the verdict that its time and place deserve, with the reason?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from intake.evidence.handover import suffice_for_handover
from intake.evidence.photos import PhotoKind, Shot
from intake.evidence.verdicts import Judgement, Matter, Verdict, VerdictLimits, distance_between_m, judge

BEGINS = datetime(2026, 5, 1, 3, 30, tzinfo=UTC)
ENDS = datetime(2026, 5, 1, 5, 0, tzinfo=UTC)
SENT = datetime(2026, 5, 1, 5, 10, tzinfo=UTC)
SPOT = (120.631, 31.445)
METRE_DEG = 1 / 111_195
"""One metre to the north."""

MATTER = Matter(BEGINS, ENDS, *SPOT)
OK, DOUBTFUL, FAILED = Verdict.OK, Verdict.DOUBTFUL, Verdict.FAILED


def judged(at: datetime | None = BEGINS, north_m: float | None = 0.0, *, matter: Matter = MATTER) -> Judgement:
    place = (None, None) if north_m is None else (SPOT[0], SPOT[1] + north_m * METRE_DEG)
    return judge(Shot(at, *place), uploaded_at=SENT, matter=matter, limits=VerdictLimits())


@pytest.mark.parametrize(
    ("at", "verdict", "reason"),
    [
        (BEGINS, OK, "time_fits"),
        (ENDS, OK, "time_fits"),
        (BEGINS - timedelta(minutes=15), OK, "time_fits"),
        (BEGINS - timedelta(minutes=15, seconds=1), FAILED, "too_early"),
        (None, DOUBTFUL, "no_time"),
        (SENT + timedelta(minutes=5), OK, "time_fits"),
        (SENT + timedelta(minutes=5, seconds=1), FAILED, "future_time"),
        (datetime(1970, 1, 1, tzinfo=UTC), FAILED, "impossible_time"),
        (datetime(1999, 12, 31, tzinfo=UTC), FAILED, "impossible_time"),
        (datetime(2025, 5, 1, 4, 0, tzinfo=UTC), FAILED, "too_early"),
    ],
)
def test_the_time_of_a_photo_is_compared_with_the_window(at: datetime | None, verdict: Verdict, reason: str) -> None:
    found = judged(at)

    assert (found.time.verdict, found.time.reason, found.verdict) == (verdict, reason, verdict)


def test_a_photo_from_long_after_the_matter_fails() -> None:
    matter = Matter(BEGINS - timedelta(days=1), ENDS - timedelta(days=1), *SPOT)

    found = judged(BEGINS, matter=matter).time

    assert (found.verdict, found.reason) == (FAILED, "too_late")
    assert found.en == "taken 1350 min after the time of the matter, at most 15 min are allowed"
    assert found.zh == "拍摄时间晚于时段1350分钟，最多允许15分钟"


@pytest.mark.parametrize(
    ("north_m", "verdict", "reason"),
    [
        (0, OK, "place_fits"),
        (199, OK, "place_fits"),
        (201, DOUBTFUL, "rather_far"),
        (998, DOUBTFUL, "rather_far"),
        (1002, FAILED, "too_far"),
        (8_000_000, FAILED, "impossible_place"),
        (None, DOUBTFUL, "no_place"),
    ],
)
def test_the_place_of_a_photo_is_compared_with_the_matter(north_m: float | None, verdict: Verdict, reason: str) -> None:
    found = judged(north_m=north_m)

    assert (found.place.verdict, found.place.reason, found.verdict) == (verdict, reason, verdict)


def test_a_matter_without_a_point_leaves_the_place_in_doubt() -> None:
    found = judged(matter=Matter(BEGINS, ENDS, None, None))

    assert (found.verdict, found.place.reason) == (DOUBTFUL, "no_matter_place")


@pytest.mark.parametrize(
    ("at", "north_m", "verdict"),
    [
        (BEGINS, 0, OK),
        (None, 0, DOUBTFUL),
        (None, None, DOUBTFUL),
        (None, 5000, FAILED),
        (SENT + timedelta(1), None, FAILED),
    ],
)
def test_the_worse_of_time_and_place_counts(at: datetime | None, north_m: float | None, verdict: Verdict) -> None:
    found = judged(at, north_m)

    assert found.verdict is verdict
    assert found.reason_zh == f"{found.time.zh}；{found.place.zh}"
    assert found.reason_en == f"{found.time.en}; {found.place.en}"


def test_a_reason_tells_the_distance_and_the_limit() -> None:
    found = judged(north_m=1499.5).place

    assert found.en == "taken 1500 m from the place of the matter, at most 200 m are allowed"
    assert found.zh == "拍摄地点相距1500米，最多允许200米"


def test_a_wider_limit_is_a_limit_of_data() -> None:
    limits = VerdictLimits(distance_m=2000, doubtful_distance_m=2000, window_slack=timedelta(hours=1))
    shot = Shot(BEGINS - timedelta(minutes=59), SPOT[0], SPOT[1] + 1500 * METRE_DEG)

    assert judge(shot, uploaded_at=SENT, matter=MATTER, limits=limits).verdict is OK


@pytest.mark.parametrize(
    "limits", [{"distance_m": 0}, {"distance_m": 300, "doubtful_distance_m": 200}, {"clock_lead": timedelta(-1)}]
)
def test_limits_that_contradict_themselves_cannot_be_set(limits: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must"):
        VerdictLimits(**limits)  # type: ignore[arg-type]


def test_a_window_does_not_end_before_it_begins() -> None:
    with pytest.raises(ValueError, match="ends_at"):
        Matter(ENDS, BEGINS, *SPOT)


@pytest.mark.parametrize(
    ("one", "other", "distance_m"),
    [
        ((0, 0), (0, 1), 111_195),
        ((179.9, 0), (-179.9, 0), 22_239),
        ((120, 60), (121, 60), 55_597),
        ((0, 90), (77, 90), 0),
    ],
)
def test_distances_are_those_of_the_globe(
    one: tuple[float, float], other: tuple[float, float], distance_m: float
) -> None:
    assert distance_between_m(one, other) == pytest.approx(distance_m, rel=1e-3, abs=1)


NEAR, FAR, REFERENCE = PhotoKind.NEAR, PhotoKind.FAR, PhotoKind.REFERENCE


@pytest.mark.parametrize(
    ("photos", "verdict", "en"),
    [
        ([(FAR, OK), (NEAR, OK)], OK, "a far and a near photo fit"),
        ([(FAR, OK), (NEAR, OK), (NEAR, FAILED), (REFERENCE, FAILED)], OK, "a far and a near photo fit"),
        ([(FAR, OK)], FAILED, "a near photo that fits is missing"),
        ([(NEAR, OK), (REFERENCE, OK)], FAILED, "a far photo that fits is missing"),
        ([], FAILED, "a far photo that fits is missing"),
        ([(FAR, FAILED), (NEAR, OK)], FAILED, "a far photo that fits is missing"),
        ([(FAR, OK), (NEAR, DOUBTFUL)], DOUBTFUL, "a person must look at the near photo, which is doubtful"),
        ([(FAR, DOUBTFUL), (NEAR, FAILED)], FAILED, "a near photo that fits is missing"),
    ],
)
def test_a_handover_needs_a_far_and_a_near_photo(
    photos: list[tuple[PhotoKind, Verdict]], verdict: Verdict, en: str
) -> None:
    found = suffice_for_handover(photos)

    assert (found.verdict, found.en) == (verdict, en)
    assert found.zh
