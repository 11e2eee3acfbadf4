"""Can a log or a program read the demo, where there is no terminal?"""

from __future__ import annotations

import asyncio
import io
import re

import pytest

from deploy.demo.language import Language
from deploy.demo.plain import plain_line
from deploy.demo.stopwatch import Latency
from deploy.demo.summary import links_table, sums_table
from deploy.demo.sums import check_sums
from deploy.demo.terminal import Terminal, is_live
from lamplight_events.vocabulary import CaseState
from tests.demo.builders import a_scene, good_evidence

CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")
STATES = [CaseState.SELF_HANDLED] * 3 + [CaseState.CLOSED] * 2


class ThreeLines(io.StringIO):
    """Says when three lines were written to it."""

    def __init__(self) -> None:
        super().__init__()
        self.are_there = asyncio.Event()

    def write(self, text: str) -> int:
        written = super().write(text)
        if self.getvalue().count("\n") >= 3:
            self.are_there.set()
        return written


@pytest.mark.parametrize("language", Language)
def test_a_scene_is_one_line_without_control_codes(language: Language) -> None:
    line = plain_line(a_scene(states=STATES, latency=Latency(9, 0.02, 0.07)), language)

    assert not CONTROL.search(line)
    assert "\n" not in line


def test_a_line_tells_progress_states_throughput_latency_and_trouble() -> None:
    line = plain_line(a_scene(states=STATES, latency=Latency(9, 0.02, 0.07)), Language.EN)

    assert line == (
        "The noon lighting action 212/330 · settled on the spot 3 · closed 2 · 6.7 reports/s · 41.3 events/s · "
        "alerts 0 · report→alert p50 20 ms, p95 70 ms · notify not ready"
    )


def test_a_line_leaves_out_what_is_not_there_yet() -> None:
    line = plain_line(a_scene(), Language.EN)

    assert "A morning of San Diego" not in line
    assert "p50" not in line
    assert "closed" not in line


@pytest.mark.parametrize(
    ("environment", "is_terminal", "expected"),
    [
        ({"TERM": "xterm-256color"}, True, True),
        ({"TERM": "xterm-256color"}, False, False),
        ({"TERM": "dumb"}, True, False),
        ({}, True, False),
        ({"TERM": "xterm", "CI": "true"}, True, False),
        ({"TERM": "xterm", "NO_COLOR": "1"}, True, False),
        ({"TERM": "xterm", "NO_COLOR": "", "CI": ""}, True, True),
    ],
)
def test_control_codes_are_written_only_where_they_are_welcome(
    environment: dict[str, str], is_terminal: bool, expected: bool
) -> None:
    assert is_live(environment, is_terminal=is_terminal) is expected


@pytest.mark.parametrize("language", Language)
def test_nothing_written_to_a_file_holds_control_codes(language: Language) -> None:
    out = io.StringIO()
    terminal = Terminal(out, language, {"TERM": "xterm-256color"})

    terminal.say("Kafka's [46] jars are complete")
    terminal.console.print(sums_table(check_sums(good_evidence(), total=830), language))
    terminal.console.print(links_table(_ADDRESSES, "http://127.0.0.1:8010", language))

    assert not CONTROL.search(out.getvalue())
    assert "Kafka's [46] jars are complete\n" in out.getvalue()
    assert "http://127.0.0.1:20003/v1/stream" in out.getvalue()


async def test_without_a_terminal_a_line_comes_every_few_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deploy.demo.terminal.LINE_EVERY_S", 0.01)
    out = ThreeLines()
    showing = asyncio.create_task(Terminal(out, Language.EN, {}).show(a_scene, page_address="http://127.0.0.1:8010/"))

    async with asyncio.timeout(5):
        await out.are_there.wait()
    showing.cancel()

    assert "212/330" in out.getvalue()


_ADDRESSES = {
    "intake": "http://127.0.0.1:20001",
    "dispatch": "http://127.0.0.1:20002",
    "notify": "http://127.0.0.1:20003",
}
