"""Is a device that tells several things within minutes telling the same again, or the next thing along the way?"""

from __future__ import annotations

from uuid import UUID

from intake.duplicates.decision import choose_case
from intake.duplicates.parameters import fitted_parameters
from tests.intake.duplicates.builders import a_candidate, a_clue

PARAMETERS = fitted_parameters()
DEVICE = "device-1"
TENTS, TRASH = "tents block the pavement at the corner", "overflowing bin beside the bus stop"


def test_several_items_of_one_walk_stay_apart() -> None:
    new = a_clue(minutes=3, north_m=40, reporter_ref=DEVICE, text=TRASH)
    decision = choose_case(new, [a_candidate(reporter_ref=DEVICE, text=TENTS)], PARAMETERS)
    assert decision.match is None
    assert "several separate matters" in decision.reason.en
    assert "同一设备" in decision.reason.zh


def test_another_text_on_the_same_spot_is_another_item() -> None:
    new = a_clue(minutes=3, reporter_ref=DEVICE, text=TRASH)
    assert choose_case(new, [a_candidate(reporter_ref=DEVICE, text=TENTS)], PARAMETERS).match is None


def test_another_category_on_the_same_spot_is_another_item() -> None:
    new = a_clue(minutes=3, reporter_ref=DEVICE, text=TENTS, category="Pothole")
    assert choose_case(new, [a_candidate(reporter_ref=DEVICE, text=TENTS)], PARAMETERS).match is None


def test_another_photo_on_the_same_spot_is_another_item() -> None:
    new = a_clue(minutes=3, reporter_ref=DEVICE, photo_hashes=(0,))
    earlier = a_candidate(reporter_ref=DEVICE, photo_hashes=((1 << 40) - 1,))
    assert choose_case(new, [earlier], PARAMETERS).match is None


def test_the_same_told_again_by_the_same_device_joins() -> None:
    earlier = a_candidate(reporter_ref=DEVICE, text=TRASH, category="Illegal Dumping")
    new = a_clue(minutes=3, north_m=10, reporter_ref=DEVICE, text=TRASH, category="Illegal Dumping")
    match = choose_case(new, [earlier], PARAMETERS).match
    assert match is not None
    assert match.case_id == earlier.case_id
    assert match.parts.reporter > 0


def test_the_same_without_a_word_told_again_joins() -> None:
    earlier = a_candidate(reporter_ref=DEVICE)
    assert choose_case(a_clue(minutes=1, reporter_ref=DEVICE), [earlier], PARAMETERS).case_id == earlier.case_id


def test_a_case_with_another_item_of_the_burst_is_not_joined_through_somebody_else() -> None:
    own = a_candidate(100, case=7, reporter_ref=DEVICE, text=TENTS)
    somebody = a_candidate(101, case=7, north_m=5)
    new = a_clue(minutes=3, north_m=5, reporter_ref=DEVICE, text=TRASH)
    assert choose_case(new, [own, somebody], PARAMETERS).match is None


def test_the_third_of_a_burst_finds_its_own_first_telling() -> None:
    tents = a_candidate(100, case=7, reporter_ref=DEVICE, text=TENTS)
    trash = a_candidate(101, case=8, minutes=2, reporter_ref=DEVICE, text=TRASH)
    new = a_clue(minutes=4, reporter_ref=DEVICE, text=TRASH)
    assert choose_case(new, [tents, trash], PARAMETERS).case_id == UUID(int=8)


def test_two_strangers_within_minutes_are_no_burst() -> None:
    earlier = a_candidate(text=TENTS)
    assert choose_case(a_clue(minutes=3, text=TRASH), [earlier], PARAMETERS).case_id == earlier.case_id


def test_the_same_device_a_day_later_is_judged_like_anybody() -> None:
    earlier = a_candidate(minutes=-24 * 60, reporter_ref=DEVICE, text=TENTS)
    match = choose_case(a_clue(reporter_ref=DEVICE, text=TRASH), [earlier], PARAMETERS).match
    assert match is not None
    assert match.parts.reporter == 0
