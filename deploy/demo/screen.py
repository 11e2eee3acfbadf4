"""How does a scene look on one screen of a terminal?"""

from __future__ import annotations

from collections.abc import Iterable

from rich import box
from rich.layout import Layout
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from deploy.demo import words
from deploy.demo.language import STATES, Language
from deploy.demo.scene import Progress, Scene
from lamplight_events.vocabulary import CaseState

MIN_COLUMNS, MIN_ROWS = 80, 24
"""Smaller terminals get plain lines."""

COLOURS = {
    CaseState.REPORTED: "white",
    CaseState.SELF_HANDLED: "cyan",
    CaseState.PENDING_DISPATCH: "magenta",
    CaseState.DISPATCHED: "red",
    CaseState.HANDLING: "yellow",
    CaseState.CHECKING: "blue",
    CaseState.CLOSED: "green",
}
DIM, BRIGHT = "bright_black", "bold yellow"
BORDERS = 2


def screen(scene: Scene, language: Language, *, page_address: str) -> Layout:
    """The whole screen; it fills whatever terminal it is shown in."""
    whole, middle = Layout(), Layout(size=len(CaseState) + BORDERS, name="middle")
    middle.split_row(Layout(_cases(scene, language)), Layout(_figures(scene, language), size=36))
    whole.split_column(
        Layout(_title(scene, language), size=1),
        Layout(_acts(scene, language), size=4 + BORDERS),
        middle,
        Layout(_alerts(scene, language), name="alerts"),
        Layout(_footer(language, page_address), size=1),
    )
    return whole


def clock(seconds: float) -> str:
    """Minutes and seconds, as 01:07."""
    return f"{int(seconds) // 60:02}:{int(seconds) % 60:02}"


def milliseconds(seconds: float) -> str:
    """Whole milliseconds, as 12 ms."""
    return f"{seconds * 1000:.0f} ms"


def _title(scene: Scene, language: Language) -> Table:
    line = Table.grid(expand=True)
    line.add_column()
    line.add_column(justify="right")
    line.add_row(Text(f" {words.TITLE.of(language)}", BRIGHT), Text(f"{clock(scene.elapsed_s)} "))
    return line


def _acts(scene: Scene, language: Language) -> Panel:
    rows = Table.grid(padding=(0, 1), expand=True)
    rows.add_column(no_wrap=True)
    rows.add_column(ratio=1)
    rows.add_column(justify="right", no_wrap=True)
    for act, progress in scene.reports.items():
        style = BRIGHT if act is scene.act else ""
        rows.add_row(Text(words.ACTS[act].of(language), style), _bar(progress), _count(progress))
    rows.add_row(Text(words.ORDERS.of(language)), _bar(scene.orders), _count(scene.orders))
    rows.add_row(Text(words.PATROLS.of(language)), _sightings(scene, language))
    return Panel(rows, box=box.ROUNDED, border_style=DIM)


def _sightings(scene: Scene, language: Language) -> Text:
    found = (f"{word.of(language)} {scene.seen.outcomes.get(outcome, 0)}" for outcome, word in words.OUTCOMES.items())
    return _line(" · ".join(found))


def _cases(scene: Scene, language: Language) -> Panel:
    states = scene.seen.states
    most = max(states.values(), default=0)
    rows = Table.grid(padding=(0, 1), expand=True)
    rows.add_column(no_wrap=True)
    rows.add_column(justify="right", min_width=4)
    rows.add_column(ratio=1)
    for state in CaseState:
        count, colour = states.get(state, 0), COLOURS[state]
        bar = ProgressBar(
            total=max(most, 1), completed=count, complete_style=colour, finished_style=colour, style="black"
        )
        rows.add_row(Text(STATES[state].of(language), colour), str(count), bar)
    title = f"{words.CASES.of(language)} {sum(states.values())}"
    return Panel(rows, title=title, title_align="left", box=box.ROUNDED, border_style=DIM)


def _figures(scene: Scene, language: Language) -> Panel:
    rows = Table.grid(padding=(0, 1), expand=True)
    rows.add_column(no_wrap=True)
    rows.add_column(justify="right", no_wrap=True)
    rows.add_row(words.REPORTS_RATE.of(language), f"{scene.seen.rates.reports_per_s:.1f}")
    rows.add_row(words.EVENTS_RATE.of(language), f"{scene.seen.rates.events_per_s:.1f}")
    for name, taken in _latencies(scene):
        rows.add_row(f"{words.LATENCY.of(language)} {name}", taken)
    for service, is_ready in scene.seen.ready.items():
        verdict = words.READY if is_ready else words.NOT_READY
        rows.add_row(service, Text(verdict.of(language), "green" if is_ready else "bold red"))
    return Panel(rows, title=words.FIGURES.of(language), title_align="left", box=box.ROUNDED, border_style=DIM)


def _latencies(scene: Scene) -> Iterable[tuple[str, str]]:
    latency = scene.latency
    yield "p50", milliseconds(latency.p50_s) if latency else "-"
    yield "p95", milliseconds(latency.p95_s) if latency else "-"


def _alerts(scene: Scene, language: Language) -> Panel:
    rows = Table.grid(expand=True)
    rows.add_column(no_wrap=True, overflow="ellipsis")
    for alert in scene.alerts:
        rows.add_row(_line(alert.line(language)))
    title = f"{words.ALERTS.of(language)} ({scene.alert_count})"
    return Panel(rows, title=title, title_align="left", box=box.ROUNDED, border_style=DIM)


def _footer(language: Language, page_address: str) -> Text:
    return _line(f" {words.PAGE.of(language)} {page_address} · {words.HINT.of(language)}", DIM)


def _bar(progress: Progress) -> ProgressBar:
    return ProgressBar(total=max(progress.total, 1), completed=progress.done, complete_style="yellow", style="grey23")


def _count(progress: Progress) -> str:
    return f"{progress.done}/{progress.total}"


def _line(text: str, style: str = "") -> Text:
    return Text(text, style, no_wrap=True, overflow="ellipsis")
