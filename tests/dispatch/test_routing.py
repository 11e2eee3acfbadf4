"""Does every case find its unit by the rule that is meant for it, and is every mistake in the rules refused?"""

from __future__ import annotations

from pathlib import Path

import pytest

from dispatch.routing import DEFAULT_RULE_ID, RULES_PATH, RoutingTable
from dispatch.units import UNITS_PATH, RoutingError, UnitKind
from lamplight_events.catalogue import load_categories
from lamplight_events.divisions import load_zones
from lamplight_events.vocabulary import Source
from tests.events.spoiled_tables import spoiled, with_row, without_row

CHENGYANG, CANGLANG, KUNSHAN = "320507007", "320508020", "320583100"


@pytest.fixture(scope="module")
def table() -> RoutingTable:
    return RoutingTable.load()


def test_every_category_finds_a_unit_in_every_street(table: RoutingTable) -> None:
    chosen = {
        table.route(category=category, zone=zone, source=Source.PATROL).unit_id
        for category in load_categories()
        for zone in load_zones()
    }

    assert chosen <= set(table.units.by_id)


@pytest.mark.parametrize(
    ("category", "unit_id"),
    [
        ("mobile_vendor", "squadron_chengyang"),
        ("road_occupying_trade", "squadron_chengyang"),
        ("shop_overflow", "squadron_chengyang"),
        ("unlicensed_trade", "squadron_chengyang"),
        ("sidewalk_parking", "squadron_chengyang"),
        ("passenger_tricycle", "squadron_chengyang"),
        ("illegal_build", "squadron_chengyang"),
        ("parking_conflict", "workstation_chengyang"),
        ("tree_hazard", "workstation_chengyang"),
        ("falling_object", "workstation_chengyang"),
        ("sentinel_tip", "workstation_chengyang"),
        ("street_hanging", "community_chengyang"),
        ("ebike_charging", "community_chengyang"),
        ("errand_medicine", "community_chengyang"),
        ("dirty_road", "sanitation_xiangcheng"),
        ("street_tree", "greening_xiangcheng"),
        ("gas_pipe", "gas_suzhou"),
        ("road_collapse", "municipal_works_suzhou"),
        ("shared_bike", "shared_bikes_suzhou"),
    ],
)
def test_a_case_goes_to_who_handles_its_kind_in_its_street(table: RoutingTable, category: str, unit_id: str) -> None:
    decision = table.route(category=category, zone=CHENGYANG, source=Source.RESIDENT_WEB)

    assert decision.unit_id == unit_id
    assert decision.rule_id != DEFAULT_RULE_ID


@pytest.mark.parametrize(
    ("zone", "category", "unit_id"),
    [
        (KUNSHAN, "mobile_vendor", "squadron_kunshan"),
        (KUNSHAN, "dirty_road", "sanitation_suzhou"),
        (CANGLANG, "dirty_road", "sanitation_gusu"),
    ],
)
def test_a_unit_of_the_street_goes_before_its_districts_and_that_before_the_citys(
    table: RoutingTable, zone: str, category: str, unit_id: str
) -> None:
    decision = table.route(category=category, zone=zone, source=Source.PATROL)

    assert decision.unit_id == unit_id


@pytest.mark.parametrize("source", [Source.CONTACT_DAY, Source.BEGONIA_WISH_BOX, Source.HEART_BRIDGE])
def test_what_residents_of_canglang_bring_forward_goes_to_the_workstation_whatever_it_is(
    table: RoutingTable, source: Source
) -> None:
    decision = table.route(category="mobile_vendor", zone=CANGLANG, source=source)

    assert decision.unit_id == "workstation_canglang"


def test_the_same_appeal_in_another_street_follows_its_category(table: RoutingTable) -> None:
    decision = table.route(category="mobile_vendor", zone=CHENGYANG, source=Source.CONTACT_DAY)

    assert decision.unit_id == "squadron_chengyang"


def test_only_the_category_for_everything_else_falls_to_the_default_rule(table: RoutingTable) -> None:
    fallen = {
        category
        for category in load_categories()
        if table.route(category=category, zone=CHENGYANG, source=Source.PATROL).rule_id == DEFAULT_RULE_ID
    }

    assert fallen == {"other"}


def test_a_decision_names_its_rule_and_says_why(table: RoutingTable) -> None:
    decision = table.route(category="tree_hazard", zone=CANGLANG, source=Source.GRID_WORKER)

    assert decision.rule_id == "tree_hazard"
    assert "power, greenery and grid workers together" in decision.reason
    assert decision.reason.endswith("Canglang fifth linked workstation")


def test_the_second_question_gets_the_first_answer(table: RoutingTable) -> None:
    first = table.route(category="bbq", zone=CHENGYANG, source=Source.SENSOR)

    second = table.route(category="bbq", zone=CHENGYANG, source=Source.SENSOR)

    assert second is first


@pytest.mark.parametrize(("category", "zone"), [("nonsense", CHENGYANG), ("bbq", "320507999")])
def test_an_unknown_category_or_street_is_an_error_not_a_default(table: RoutingTable, category: str, zone: str) -> None:
    with pytest.raises(ValueError, match="is not"):
        table.route(category=category, zone=zone, source=Source.PATROL)


def test_the_lighting_action_has_four_teams_in_each_street_of_the_development_zone(table: RoutingTable) -> None:
    teams = [unit for unit in table.units.by_id.values() if unit.kind is UnitKind.PATROL_TEAM]

    assert sorted(area for team in teams for area in team.areas) == sorted(["320507005", "320507006", CHENGYANG] * 4)


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("rule_id", "Mobile vendor", "not of the form"),
        ("rule_id", "bbq trade", "not of the form"),
        ("rule_id", "shop_overflow", "already on line"),
        ("category", "nonsense", "neither a category nor a group"),
        ("category", "", "is empty"),
        ("category", "*", "can never be reached"),
        ("zone", "320599", "neither a street, a district"),
        ("zone", "*320507", "neither a street, a district"),
        ("source", "rumour", "none of patrol"),
        ("outcome_unit_kind", "army", "none of squadron"),
        ("outcome_unit_kind", "patrol_team", "exactly one patrol_team must serve"),
        ("outcome_unit_kind", "contractor", "outcome_trade: is empty"),
        ("outcome_trade", "sanitation", "only a contractor has a trade"),
        ("note", "", "is empty"),
    ],
)
def test_a_mistake_in_a_rule_is_refused(tmp_path: Path, field: str, value: str, reason: str) -> None:
    path = spoiled(RULES_PATH, tmp_path, key="mobile_vendor", field=field, value=value)

    with pytest.raises(RoutingError, match=reason) as refusal:
        RoutingTable.load(path)

    assert refusal.value.path == path
    assert refusal.value.line > 1


def test_a_rule_for_a_trade_that_nobody_has_is_refused(tmp_path: Path) -> None:
    path = spoiled(RULES_PATH, tmp_path, key="gas_pipe", field="outcome_trade", value="hydrogen")

    with pytest.raises(RoutingError, match="exactly one hydrogen must serve 320505001, not none"):
        RoutingTable.load(path)


def test_a_rule_between_two_units_of_the_same_closeness_is_refused(tmp_path: Path) -> None:
    path = with_row(
        UNITS_PATH,
        tmp_path,
        unit_id="gas_two",
        kind="contractor",
        trade="gas",
        name_zh="燃气",
        name_en="Gas",
        zones="*",
    )

    with pytest.raises(RoutingError, match="not gas_suzhou, gas_two"):
        RoutingTable.load(units_path=path)


@pytest.mark.parametrize(
    "cells",
    [
        {"category": "bbq", "zone": "*", "source": "*"},
        {"category": "noise_trade", "zone": "320507", "source": "patrol"},
        {"category": "city_appearance", "zone": "320507007", "source": "*"},
    ],
)
def test_a_rule_behind_one_that_takes_all_its_cases_is_refused(tmp_path: Path, cells: dict[str, str]) -> None:
    path = with_row(
        RULES_PATH, tmp_path, before="default", rule_id="late", outcome_unit_kind="squadron", note="too late", **cells
    )

    with pytest.raises(RoutingError, match="can never be reached, the rule city_appearance comes first"):
        RoutingTable.load(path)


def test_a_rule_for_one_street_may_stand_in_front_of_the_rule_for_all(tmp_path: Path) -> None:
    path = with_row(
        RULES_PATH,
        tmp_path,
        before="mobile_vendor",
        rule_id="canglang_vendors",
        category="mobile_vendor",
        zone=CANGLANG,
        source="*",
        outcome_unit_kind="workstation",
        note="a trial",
    )

    table = RoutingTable.load(path)

    assert table.route(category="mobile_vendor", zone=CANGLANG, source=Source.PATROL).rule_id == "canglang_vendors"
    assert table.route(category="mobile_vendor", zone=CHENGYANG, source=Source.PATROL).rule_id == "mobile_vendor"


def test_rules_without_a_default_are_refused(tmp_path: Path) -> None:
    path = without_row(RULES_PATH, tmp_path, key="default")

    with pytest.raises(RoutingError, match="the last rule must be default"):
        RoutingTable.load(path)


def test_an_unknown_column_in_the_rules_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "routing.csv"
    path.write_text(RULES_PATH.read_text(encoding="utf-8").replace("source", "channel", 1), encoding="utf-8")

    with pytest.raises(RoutingError, match="line 1, channel: is not a column"):
        RoutingTable.load(path)


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("unit_id", "Squadron 1", "not of the form"),
        ("unit_id", "squadron_yuanhe", "already on line"),
        ("kind", "army", "none of squadron"),
        ("kind", "contractor", "trade: is empty"),
        ("trade", "gas", "only a contractor has a trade"),
        ("name_zh", "", "is empty"),
        ("name_en", "", "is empty"),
        ("zones", "", "is empty"),
        ("zones", "320507999", "neither a street, a district"),
        ("zones", "320507007 320507007", "names an area twice"),
    ],
)
def test_a_mistake_in_a_unit_is_refused(tmp_path: Path, field: str, value: str, reason: str) -> None:
    path = spoiled(UNITS_PATH, tmp_path, key="squadron_chengyang", field=field, value=value)

    with pytest.raises(RoutingError, match=reason) as refusal:
        RoutingTable.load(units_path=path)

    assert refusal.value.path == path
