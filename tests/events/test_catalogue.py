"""Is the catalogue of categories whole, and is every mistake in it refused?"""

from __future__ import annotations

from pathlib import Path

import pytest

from lamplight_events.catalogue import (
    CATEGORIES_PATH,
    GROUPS_PATH,
    CatalogueError,
    CategoryKind,
    CategoryOrigin,
    CodeScheme,
    Limit,
    LimitUnit,
    category_by_code,
    load_categories,
    load_groups,
)
from tests.events.spoiled_tables import line_of, spoiled, with_row, without_row

CORE = (
    "mobile_vendor", "road_occupying_trade", "shop_overflow", "unlicensed_trade", "market_hours", "promo_on_road",
    "sidewalk_parking", "bike_parking", "shared_bike", "passenger_tricycle", "fire_lane", "street_hanging",
    "balcony_hanging", "parking_conflict", "tree_hazard", "falling_object", "exposed_rubbish", "piled_rubble",
    "dirty_road", "piled_goods", "small_ads", "leaflets", "illegal_build", "noise_trade", "bbq", "waste_burning",
    "road_collapse", "water_pipe", "gas_pipe", "drain", "cable_down", "manhole", "ebike_charging", "errand_medicine",
    "errand_goods", "elder_meal", "mending", "mediation", "sentinel_tip", "other",
)  # fmt: skip
LINE = line_of(CATEGORIES_PATH, "mobile_vendor")


def test_all_190_categories_of_the_standard_are_there() -> None:
    categories = load_categories().values()

    from_the_standard = [category for category in categories if category.origin is not CategoryOrigin.PROJECT]

    assert len(from_the_standard) == 190
    assert sum(category.kind is CategoryKind.EVENT for category in from_the_standard) == 98
    assert sum(category.kind is CategoryKind.COMPONENT for category in from_the_standard) == 92


@pytest.mark.parametrize("slug", CORE)
def test_what_the_city_talks_about_most_has_its_own_slug(slug: str) -> None:
    category = load_categories()[slug]

    assert category.slug == slug


@pytest.mark.parametrize(
    ("slug", "gb_code", "cjt_code"),
    [
        ("mobile_vendor", "0401", "0501"),
        ("shop_overflow", "0405", "0504"),
        ("road_collapse", "0505", "0401"),
        ("cable_down", "0508", "0408"),
        ("piled_goods", "0136", "0507"),
        ("dirty_road", "0112", "0104"),
        ("site_dust", "0304", "0302"),
        ("errand_medicine", "", ""),
    ],
)
def test_each_code_standard_has_its_own_number(slug: str, gb_code: str, cjt_code: str) -> None:
    category = load_categories()[slug]

    assert (category.gb_code, category.cjt_code) == (gb_code, cjt_code)


@pytest.mark.parametrize(("group", "swapped"), [("street_order", "04"), ("emergency", "05")])
def test_street_order_and_emergencies_change_places_between_the_code_standards(group: str, swapped: str) -> None:
    cjt_majors = {category.cjt_code[:2] for category in load_categories().values() if category.group.slug == group}

    assert load_groups()[group].gb_major == swapped
    assert swapped not in cjt_majors


def test_only_what_a_patrol_may_settle_by_persuading_is_marked_so() -> None:
    settled = {slug for slug, category in load_categories().items() if category.patrol_settles}

    assert settled == {
        "mobile_vendor",
        "road_occupying_trade",
        "shop_overflow",
        "unlicensed_trade",
        "promo_on_road",
        "sidewalk_parking",
        "bike_parking",
        "passenger_tricycle",
    }


def test_a_limit_says_how_its_time_runs() -> None:
    category = load_categories()["illegal_build"]

    assert category.shortest_limit == Limit(2, LimitUnit.URGENT_DAY)
    assert category.longest_limit == Limit(15, LimitUnit.WORK_DAY)


def test_the_catalogue_is_read_once_and_cannot_be_changed() -> None:
    assert load_categories() is load_categories()
    with pytest.raises(TypeError):
        load_categories()["other"] = load_categories()["bbq"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("slug", "Mobile-Vendor", "not of the form"),
        ("slug", "bbq", "already on line"),
        ("slug", "", "is empty"),
        ("name_zh", "", "is empty"),
        ("name_en", " ", "is empty"),
        ("kind", "thing", "none of event, component, service"),
        ("kind", "component", "does not fit the group"),
        ("origin", "hearsay", "none of standard"),
        ("group", "street", "none of city_appearance"),
        ("gb_code", "401", "not of the form"),
        ("gb_code", "0501", "does not begin with 04"),
        ("gb_code", "0402", "already on line"),
        ("gb_code", "", "is empty"),
        ("cjt_code", "05-01", "not of the form"),
        ("shortest_limit", "2 hours", "not an amount"),
        ("shortest_limit", "0 work_hour", "not an amount"),
        ("shortest_limit", "-2 work_hour", "not an amount"),
        ("shortest_limit", "2", "not an amount"),
        ("longest_limit", "", "is empty"),
        ("longest_limit", "1 urgent_hour", "shorter than"),
        ("patrol_settles", "true", "neither yes nor no"),
    ],
)
def test_a_mistake_is_refused_with_file_line_and_field(tmp_path: Path, field: str, value: str, reason: str) -> None:
    path = spoiled(CATEGORIES_PATH, tmp_path, key="mobile_vendor", field=field, value=value)

    with pytest.raises(CatalogueError, match=reason) as refusal:
        load_categories(path)

    assert refusal.value.path == path
    assert refusal.value.line in (LINE, LINE + 1), "a doubled value is found where it comes the second time"
    assert refusal.value.field == field


def test_a_category_of_the_project_may_borrow_a_number_of_the_standard() -> None:
    borrowed, owner = load_categories()["tree_hazard"], load_categories()["cable_down"]

    assert borrowed.gb_code == owner.gb_code


def test_a_catalogue_without_the_fallback_is_refused(tmp_path: Path) -> None:
    path = without_row(CATEGORIES_PATH, tmp_path, key="other")

    with pytest.raises(CatalogueError, match="without the category other"):
        load_categories(path)


def test_an_unknown_column_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "categories.csv"
    path.write_text(CATEGORIES_PATH.read_text(encoding="utf-8").replace("cjt_code", "cjt", 1), encoding="utf-8")

    with pytest.raises(CatalogueError, match="line 1, cjt: is not a column"):
        load_categories(path)


@pytest.mark.parametrize(
    ("field", "value"), [("kind", "thing"), ("gb_major", "4"), ("name_zh", ""), ("slug", "Street order")]
)
def test_a_mistake_in_a_group_is_refused(tmp_path: Path, field: str, value: str) -> None:
    path = spoiled(GROUPS_PATH, tmp_path, key="street_order", field=field, value=value)

    with pytest.raises(CatalogueError, match=field):
        load_groups(path)


def test_a_second_group_of_the_same_name_is_refused(tmp_path: Path) -> None:
    path = with_row(GROUPS_PATH, tmp_path, slug="services", kind="service", name_zh="服务", name_en="Services")

    with pytest.raises(CatalogueError, match="already on line"):
        load_groups(path)


@pytest.mark.parametrize(
    ("scheme", "kind", "code", "slug"),
    [
        (CodeScheme.GBT_30428, CategoryKind.EVENT, "0401", "mobile_vendor"),
        (CodeScheme.CJT_214, CategoryKind.EVENT, "0501", "mobile_vendor"),
        (CodeScheme.GBT_30428, CategoryKind.EVENT, "0501", "water_pipe"),
        (CodeScheme.CJT_214, CategoryKind.EVENT, "0402", "water_pipe"),
        (CodeScheme.GBT_30428, CategoryKind.COMPONENT, "0101", "water_manhole"),
        (CodeScheme.CJT_214, CategoryKind.COMPONENT, "0118", "street_light"),
        (CodeScheme.CJT_214, CategoryKind.EVENT, "0408", "cable_down"),
        (CodeScheme.GBT_30428, CategoryKind.EVENT, "0508", "cable_down"),
        (CodeScheme.CJT_214, CategoryKind.COMPONENT, "0117", "power_pole"),
    ],
)
def test_a_number_is_found_back_in_its_own_standard(
    scheme: CodeScheme, kind: CategoryKind, code: str, slug: str
) -> None:
    category = category_by_code(scheme, kind, code)

    assert category is not None
    assert category.slug == slug


@pytest.mark.parametrize("code", ["", "05", "0599", "9999", "not a code"])
def test_a_number_that_no_list_has_means_nothing(code: str) -> None:
    assert category_by_code(CodeScheme.CJT_214, CategoryKind.EVENT, code) is None


def test_every_number_of_the_published_table_leads_to_a_category() -> None:
    standard = [each for each in load_categories().values() if each.origin is not CategoryOrigin.PROJECT]

    found = [category_by_code(CodeScheme.GBT_30428, each.kind, each.gb_code) for each in standard]

    assert found == standard


def test_every_event_of_the_older_standard_leads_to_a_category() -> None:
    minors = {"01": 18, "02": 5, "03": 5, "04": 9, "05": 13}
    codes = [f"{major}{minor:02}" for major, last in minors.items() for minor in range(1, last + 1)]

    missing = [code for code in codes if category_by_code(CodeScheme.CJT_214, CategoryKind.EVENT, code) is None]

    assert missing == []


def test_every_category_has_both_names_and_a_group_with_both() -> None:
    names = [
        (each.name_zh, each.name_en, each.group.name_zh, each.group.name_en) for each in load_categories().values()
    ]

    assert all(zh != en and group_zh != group_en for zh, en, group_zh, group_en in names)
