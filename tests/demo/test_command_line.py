"""Does `python -m deploy.demo` understand its caller, and refuse in one sentence?"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.demo.__main__ import DEFAULT_FOLDER, main, read_options
from deploy.demo.ending import SIGNALS
from deploy.demo.language import Language


@pytest.fixture
def kept_signals() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_without_arguments_it_is_the_whole_demo_in_the_languages_of_the_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")

    options = read_options([])

    assert (options.quick, options.lang, options.folder) == (False, Language.ZH, DEFAULT_FOLDER)


def test_arguments_are_taken() -> None:
    options = read_options(["--quick", "--lang", "en", "--seed", "7", "--folder", "build/other"])

    assert (options.quick, options.lang, options.seed) == (True, Language.EN, 7)
    assert options.folder == Path("build/other")


def test_an_unknown_language_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        read_options(["--lang", "fr"])

    assert "fr" in capsys.readouterr().err


@pytest.mark.usefixtures("kept_signals")
def test_a_folder_that_holds_something_else_is_refused_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")

    status = main(["--quick", "--folder", str(tmp_path)])

    assert status == 1
    said = capsys.readouterr().err
    assert said == f"{tmp_path} holds something else: name an empty folder, or one that does not exist yet.\n"
