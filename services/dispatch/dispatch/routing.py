"""Which unit is a case given to, and by which rule?"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from dispatch.units import ANY, UNITS_PATH, RoutingError, UnitKind, UnitTable, area_of, covers, trade_of
from lamplight_events.catalogue import Category, load_categories, load_groups
from lamplight_events.divisions import load_zones
from lamplight_events.tables import Row, read_table, unique
from lamplight_events.vocabulary import Source

RULES_PATH = Path(__file__).parent / "data" / "routing.csv"
RULE_COLUMNS = ("rule_id", "category", "zone", "source", "outcome_unit_kind", "outcome_trade", "note")

DEFAULT_RULE_ID = "default"


class NoRoute(ValueError):
    """A category or street that this city's files do not know."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the routing table: when its three conditions hold, a unit of this kind and trade gets the case.

    Arguments:
        category: a category's slug, a group's slug, or `*`.
        zone: a street code, a 6-digit district code, or `*`.
        source: a channel, or `*`.
    """

    rule_id: str
    category: str
    zone: str
    source: str
    unit_kind: UnitKind
    trade: str
    note: str

    def fits(self, category: Category, zone: str, source: str) -> bool:
        return (
            self.category in (ANY, category.slug, category.group.slug)
            and covers(self.zone, zone)
            and self.source in (ANY, source)
        )

    def shadows(self, later: Rule) -> bool:
        """Whether this rule takes every case that a later one could take."""
        category = load_categories().get(later.category)
        groups = (ANY, later.category, category.group.slug if category else ANY)
        return self.category in groups and covers(self.zone, later.zone) and self.source in (ANY, later.source)


@dataclass(frozen=True, slots=True)
class Decision:
    """The unit chosen, and why: the rule's id for the metric, a sentence for the reader."""

    unit_id: str
    rule_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class RoutingTable:
    """Ordered rules, of which the first that fits decides, and the units they choose from."""

    rules: tuple[Rule, ...]
    units: UnitTable
    _decided: dict[tuple[str, str, str], Decision] = field(default_factory=dict, compare=False, repr=False)
    """Answers given before; their number is that of categories, streets and sources, all of them closed lists."""

    @staticmethod
    def load(rules_path: Path = RULES_PATH, units_path: Path = UNITS_PATH) -> RoutingTable:
        """Read both files, and prove that every category finds exactly one unit in every street.

        Raises:
            RoutingError: for the first mistake, with file, line and field.
        """
        units = UnitTable.load(units_path)
        rows = list(read_table(rules_path, RULE_COLUMNS, error=RoutingError))
        rules = tuple(dict(unique(rows, "rule_id", _rule)).values())
        for number, (row, rule) in enumerate(zip(rows, rules, strict=True)):
            _check_reachable(row, rule, rules[:number])
            _check_outcome(row, rule, units)
        _check_default(rows[-1], rules[-1])
        return RoutingTable(rules, units)

    def route(self, *, category: str, zone: str, source: Source) -> Decision:
        """Choose the unit for a case: a category's slug, a 9-digit street code, the channel of its first report.

        Raises:
            NoRoute: for a category or street that the catalogue does not know.
        """
        key = category, zone, source
        decision = self._decided.get(key)
        if decision is None:
            decision = self._decided[key] = self._decide(category, zone, source)
        return decision

    def _decide(self, slug: str, zone: str, source: Source) -> Decision:
        category = load_categories().get(slug)
        if category is None:
            raise NoRoute(f"category {slug!r} is not in the catalogue")
        if zone not in load_zones():
            raise NoRoute(f"zone {zone!r} is not a street of the city")
        rule = next(rule for rule in self.rules if rule.fits(category, zone, source))
        (unit,) = self.units.serving(rule.unit_kind, rule.trade, zone)
        return Decision(unit.unit_id, rule.rule_id, f"{rule.note}: {unit.name_en}")


def _rule(row: Row) -> Rule:
    kind = row.choice("outcome_unit_kind", UnitKind)
    category = row.text("category")
    if category != ANY and category not in load_categories() and category not in load_groups():
        row.refuse("category", f"{category!r} is neither a category nor a group")
    return Rule(
        rule_id=row.slug("rule_id"),
        category=category,
        zone=area_of(row, "zone", row.text("zone")),
        source=ANY if row.text("source") == ANY else row.choice("source", Source),
        unit_kind=kind,
        trade=trade_of(row, "outcome_trade", kind),
        note=row.text("note"),
    )


def _check_reachable(row: Row, rule: Rule, earlier: tuple[Rule, ...]) -> None:
    for other in earlier:
        if other.shadows(rule):
            row.refuse("category", f"can never be reached, the rule {other.rule_id} comes first")


def _check_outcome(row: Row, rule: Rule, units: UnitTable) -> None:
    for zone in load_zones():
        found = units.serving(rule.unit_kind, rule.trade, zone)
        if covers(rule.zone, zone) and len(found) != 1:
            names = ", ".join(unit.unit_id for unit in found) or "none"
            row.refuse(
                "outcome_unit_kind", f"exactly one {rule.trade or rule.unit_kind} must serve {zone}, not {names}"
            )


def _check_default(row: Row, rule: Rule) -> None:
    """Without a last rule that takes everything, a case of an unforeseen kind would have nobody."""
    if rule.rule_id != DEFAULT_RULE_ID or (rule.category, rule.zone, rule.source) != (ANY, ANY, ANY):
        row.refuse("rule_id", f"the last rule must be {DEFAULT_RULE_ID}, with {ANY} as category, zone and source")
