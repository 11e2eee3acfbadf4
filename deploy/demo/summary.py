"""How are the sums and the links shown at the end?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich import box
from rich.table import Table
from rich.text import Text

from deploy.demo import words
from deploy.demo.language import Language, Wording
from deploy.demo.sums import Sum

RIGHT, WRONG = "✓", "✗"

PLACES: Sequence[tuple[Wording, str, str]] = (
    (Wording("受理 API", "intake API"), "intake", "/docs"),
    (Wording("派遣 API", "dispatch API"), "dispatch", "/docs"),
    (Wording("通知 API", "notify API"), "notify", "/docs"),
    (Wording("受理指标", "intake metrics"), "intake", "/metrics"),
    (Wording("派遣指标", "dispatch metrics"), "dispatch", "/metrics"),
    (Wording("通知指标", "notify metrics"), "notify", "/metrics"),
    (Wording("提醒事件流", "event stream"), "notify", "/v1/stream"),
)


def sums_table(sums: Sequence[Sum], language: Language) -> Table:
    """One line per sum, with a tick or a cross."""
    table = Table(title=words.SUMMARY.of(language), box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False)
    table.add_column(words.CHECK.of(language))
    table.add_column(words.EXPECTED.of(language), justify="right")
    table.add_column(words.COUNTED.of(language), justify="right")
    table.add_column(words.WHERE.of(language))
    table.add_column("")
    for line in sums:
        mark = Text(RIGHT, "green") if line.is_right else Text(WRONG, "bold red")
        table.add_row(line.what.of(language), str(line.expected), str(line.counted), line.where.of(language), mark)
    return table


def verdict(sums: Sequence[Sum], language: Language) -> str:
    """One sentence about all of them."""
    wrong = sum(not line.is_right for line in sums)
    return words.WRONG.of(language).format(count=wrong) if wrong else words.ALL_RIGHT.of(language)


def links_table(addresses: Mapping[str, str], page_address: str, language: Language) -> Table:
    """Where to look while everything is up."""
    table = Table(title=words.LINKS.of(language), box=None, title_justify="left", show_header=False, pad_edge=False)
    table.add_row(words.PAGE.of(language), f"{page_address}/")
    for name, service, path in PLACES:
        table.add_row(name.of(language), f"{addresses[service]}{path}")
    return table
