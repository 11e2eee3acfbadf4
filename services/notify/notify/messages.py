"""What does an alert say, in Chinese and in English?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lamplight_events.cases import CaseEvent
from lamplight_events.catalogue import load_categories
from lamplight_events.divisions import load_zones
from notify.audience import AlertKind


@dataclass(frozen=True, slots=True)
class Wording:
    """One text in both languages; neither ever holds a phone number or a house number."""

    zh: str
    en: str


TEMPLATES: Mapping[AlertKind, Wording] = {
    AlertKind.CASE_ASSIGNED: Wording(
        "【新案卷】{zone}:{category_zh},请尽快接单。案卷 {case}",
        "New case in {zone}: {category_en}. Please accept it. Case {case}",
    ),
    AlertKind.WORK_TO_CHECK: Wording(
        "【待核查】{zone}:{category_zh},处置完毕,请核查。案卷 {case}",
        "Work done in {zone}: {category_en}. Please check it. Case {case}",
    ),
    AlertKind.CASE_CLOSED: Wording(
        "【已结案】您反映的{category_zh}({zone})已办结。案卷 {case}",
        "What you reported is solved: {category_en} in {zone}. Case {case}",
    ),
}


def word(kind: AlertKind, event: CaseEvent) -> Wording:
    """Fill a template; a category or street that this installation does not know is shown by its code."""
    category = load_categories().get(event.category)
    zone = load_zones().get(event.zone)
    words = {
        "category_zh": category.name_zh if category else event.category,
        "category_en": category.name_en if category else event.category,
        # The official list of streets has Chinese names alone; that is also what stands on their signs.
        "zone": zone.name_zh if zone else event.zone,
        "case": str(event.case_id)[-12:],
    }
    template = TEMPLATES[kind]
    return Wording(template.zh.format(**words), template.en.format(**words))
