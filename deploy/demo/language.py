"""In which language does the demo speak, and what are its words for the things of the city?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from lamplight_events.vocabulary import CaseState

LOCALE_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")
"""In the order in which POSIX lets them decide."""


class Language(StrEnum):
    """What `--lang` takes."""

    ZH = "zh"
    EN = "en"


@dataclass(frozen=True, slots=True)
class Wording:
    """One text in both languages."""

    zh: str
    en: str

    def of(self, language: Language) -> str:
        """The text in one of them."""
        return self.zh if language is Language.ZH else self.en


STATES: Mapping[CaseState, Wording] = {
    CaseState.REPORTED: Wording("已上报", "reported"),
    CaseState.SELF_HANDLED: Wording("当场处置", "settled on the spot"),
    CaseState.PENDING_DISPATCH: Wording("待派遣", "to be dispatched"),
    CaseState.DISPATCHED: Wording("已派遣", "dispatched"),
    CaseState.HANDLING: Wording("处置中", "being handled"),
    CaseState.CHECKING: Wording("待核查", "to be checked"),
    CaseState.CLOSED: Wording("已结案", "closed"),
}


def default_language(environment: Mapping[str, str]) -> Language:
    """Chinese when the locale is Chinese, else English."""
    locale = next((value for name in LOCALE_VARIABLES if (value := environment.get(name))), "")
    return Language.ZH if locale.lower().startswith("zh") else Language.EN
