"""How does a benchmark's result look in the terminal?"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from tests.bench.result import BenchResult, Peer

NO_PEER = Peer("nobody", "no published figure is known", "")


def show(result: BenchResult, console: Console) -> None:
    """Print a result whole: the figure against its bar, every run, what was beside it, and what others published."""
    console.print(report_of(result))


def report_of(result: BenchResult) -> RenderableType:
    """The result as rich sees it."""
    parts = [_titled(f"{result.id}  {result.what}", _figure(result), style="bold"), _rows("Every run", result.runs)]
    if result.baseline:
        parts.append(_rows("Measured beside it", [result.baseline]))
    parts += [_rows(detail.title, detail.rows) for detail in result.details]
    parts.append(_titled("Published by others", _peers(result.peers or (NO_PEER,))))
    return Group(*parts, *(Text(f"· {note}") for note in result.notes))


def _titled(title: str, table: Table, *, style: str = "italic") -> Group:
    """A table's own title is folded to the table's width, which for a narrow one is no reading."""
    return Group(Text(title, style=style), table)


def _figure(result: BenchResult) -> Table:
    table = Table("figure", "bar", "aim", "verdict")
    verdict = "[green]met[/green]" if result.met else "[red]missed[/red]"
    table.add_row(f"{_plain(result.value)} {result.unit}", result.bar, result.aim or "–", verdict)
    return table


def _rows(title: str, rows: Sequence[Mapping[str, object]]) -> Group:
    table = Table()
    columns = list(dict.fromkeys(name for row in rows for name in row))
    for name in columns:
        is_number = all(isinstance(row.get(name, 0), int | float) for row in rows)
        table.add_column(name, justify="right" if is_number else "left")
    for row in rows:
        table.add_row(*(_plain(row.get(name, "")) for name in columns))
    return _titled(title, table)


def _peers(peers: Sequence[Peer]) -> Table:
    table = Table("who", "figure", "where")
    for peer in peers:
        table.add_row(peer.name, peer.figure, peer.where)
    return table


def _plain(value: object) -> str:
    if value is None:
        return "never"
    if isinstance(value, float):
        if not math.isfinite(value):
            return "never"
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}" if abs(value) < 10 else f"{value:.1f}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
