"""Are the right photos asked for, and is every mistake in the rules refused?"""

from __future__ import annotations

from pathlib import Path

import pytest

from lamplight_events.catalogue import CatalogueError, CategoryKind, load_categories
from lamplight_events.photo_rules import (
    PHOTO_RULES_PATH,
    Moment,
    PhotoType,
    load_photo_rules,
    photos_needed,
)
from lamplight_events.vocabulary import Source
from tests.events.spoiled_tables import rows_of, with_row, written

NEAR, FAR, BEFORE, AFTER = PhotoType.NEAR, PhotoType.FAR, PhotoType.BEFORE, PhotoType.AFTER


@pytest.mark.parametrize(
    ("category", "moment", "source", "needed"),
    [
        ("mobile_vendor", Moment.REPORT, Source.PATROL, {NEAR}),
        ("mobile_vendor", Moment.REPORT, Source.RESIDENT_WEB, set()),
        ("mobile_vendor", Moment.HAND_OVER, Source.PATROL, {NEAR, FAR}),
        ("mobile_vendor", Moment.DONE, Source.PATROL, {AFTER}),
        ("illegal_build", Moment.HAND_OVER, Source.PATROL, {NEAR, FAR, PhotoType.REFERENCE}),
        ("street_light", Moment.DONE, Source.RESIDENT_WEB, {BEFORE, AFTER}),
        ("gas_pipe", Moment.REPORT, Source.PATROL, set()),
        ("gas_pipe", Moment.DONE, Source.SENSOR, {BEFORE, AFTER}),
        ("errand_medicine", Moment.DONE, Source.RESIDENT_WEB, set()),
        ("vagrancy", Moment.HAND_OVER, Source.PATROL, set()),
    ],
)
def test_the_nearest_rule_decides(category: str, moment: Moment, source: Source, needed: set[PhotoType]) -> None:
    assert photos_needed(load_categories()[category], moment, source) == needed


@pytest.mark.parametrize("moment", list(Moment))
def test_no_photo_of_a_service_is_ever_asked_for(moment: Moment) -> None:
    services = [each for each in load_categories().values() if each.kind is CategoryKind.SERVICE]

    assert not any(photos_needed(each, moment, source) for each in services for source in Source)


@pytest.mark.parametrize("moment", list(Moment))
def test_every_category_has_an_answer_at_every_moment(moment: Moment) -> None:
    for category in load_categories().values():
        for source in Source:
            assert photos_needed(category, moment, source) <= set(PhotoType)


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"applies_to": "nobody"}, "no category, group or kind"),
        ({"applies_to": "*"}, "has another rule for report"),
        ({"source": "drone"}, "none of patrol"),
        ({"moment": "later"}, "none of report"),
        ({"photo_types": "near portrait"}, "'portrait' is none of near"),
        ({"photo_types": "none near"}, "'none' is none of near"),
        ({"photo_types": ""}, "is empty"),
        ({"note": ""}, "is empty"),
    ],
)
def test_a_mistake_is_refused(tmp_path: Path, cells: dict[str, str], reason: str) -> None:
    right = {"applies_to": "bbq", "source": "*", "moment": "report", "photo_types": "near", "note": "why"}
    path = with_row(PHOTO_RULES_PATH, tmp_path, **(right | cells))

    with pytest.raises(CatalogueError, match=reason):
        load_photo_rules(path)


def test_a_table_without_a_rule_for_everything_is_refused(tmp_path: Path) -> None:
    rows = [row for row in rows_of(PHOTO_RULES_PATH) if (row["applies_to"], row["moment"]) != ("*", "done")]

    with pytest.raises(CatalogueError, match=r"without a rule of \* for done"):
        load_photo_rules(written(tmp_path / "photo_rules.csv", rows))
