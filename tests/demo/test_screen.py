"""Does the live view fit every terminal, with Chinese characters that take two columns?"""

from __future__ import annotations

import io

import pytest
from rich.cells import cell_len
from rich.console import Console

from deploy.demo.language import Language
from deploy.demo.scene import Progress, Scene
from deploy.demo.screen import clock, screen
from deploy.demo.stopwatch import Latency
from lamplight_events.vocabulary import CaseState
from tests.demo.builders import a_scene, an_alert

SIZES = [(80, 24), (100, 30), (140, 40), (211, 55)]
STATES = [CaseState.SELF_HANDLED] * 118 + [CaseState.DISPATCHED] * 9 + [CaseState.CLOSED] * 45
LONG_ZH = "【待核查】漕湖街道:占道经营与店外经营以及更多更长的类别名称,处置完毕,请核查。案卷 0123456789ab 还有更多的字"


def shown(scene: Scene, language: Language, size: tuple[int, int]) -> list[str]:
    """The lines of the screen, as a terminal of so many columns and rows would get them."""
    out = io.StringIO()
    console = Console(file=out, width=size[0], height=size[1], force_terminal=True, color_system=None)
    console.print(screen(scene, language, page_address="http://127.0.0.1:8010/"), end="")
    return out.getvalue().splitlines()


def full_scene() -> Scene:
    alerts = [an_alert(number, zh=LONG_ZH, en="Work done " * 20) for number in range(60)]
    return a_scene(alerts=alerts, states=STATES, latency=Latency(85, 0.0234, 0.0711))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("scene", [a_scene(), full_scene()], ids=["empty", "full"])
def test_every_line_is_exactly_as_wide_as_the_terminal(scene: Scene, language: Language, size: tuple[int, int]) -> None:
    lines = shown(scene, language, size)

    assert len(lines) == size[1]
    assert {cell_len(line) for line in lines} == {size[0]}


@pytest.mark.parametrize("language", Language)
def test_the_right_edges_of_all_frames_stand_in_one_column(language: Language) -> None:
    lines = shown(full_scene(), language, (80, 24))

    frames = [line for line in lines if line.startswith(("│", "╭", "╰"))]
    assert len(frames) > 18
    assert {line[-1] for line in frames} <= {"│", "╮", "╯"}


def test_a_wide_terminal_shows_more_alerts_than_a_small_one() -> None:
    small, large = (sum("New case" in line for line in shown(_many_alerts(), Language.EN, size)) for size in SIZES[::2])

    assert 4 <= small < large


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (Language.ZH, ["正午亮灯行动", "212/330", "移交中队 76", "已结案", "45", "23 ms", "71 ms", "未就绪", "01:07"]),
        (Language.EN, ["noon lighting action", "212/330", "handed over 76", "closed", "45", "23 ms", "not ready"]),
    ],
)
def test_the_figures_are_all_there(language: Language, words: list[str]) -> None:
    page = "\n".join(shown(full_scene(), language, (80, 24)))

    assert [word for word in words if word not in page] == []


def test_every_state_has_its_line_from_the_beginning() -> None:
    page = "\n".join(shown(a_scene(), Language.ZH, (80, 24)))

    assert all(name in page for name in ("已上报", "当场处置", "待派遣", "已派遣", "处置中", "待核查", "已结案"))


@pytest.mark.parametrize(("progress", "share"), [(Progress(), 1.0), (Progress(1, 4), 0.25), (Progress(9, 4), 1.0)])
def test_progress_is_a_share_between_nothing_and_all(progress: Progress, share: float) -> None:
    assert progress.share == share


def test_the_clock_counts_minutes_and_seconds() -> None:
    assert [clock(seconds) for seconds in (0, 59.9, 67.4, 3600)] == ["00:00", "00:59", "01:07", "60:00"]


def _many_alerts() -> Scene:
    return a_scene(alerts=[an_alert(number) for number in range(60)])
