"""Does the demo speak the language of the one who starts it?"""

from __future__ import annotations

import pytest

from deploy.demo.language import STATES, Language, default_language
from deploy.demo.start_steps import step_in
from lamplight_events.vocabulary import CaseState


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LANG": "zh_CN.UTF-8"}, Language.ZH),
        ({"LANG": "zh"}, Language.ZH),
        ({"LANG": "en_US.UTF-8"}, Language.EN),
        ({"LANG": "C"}, Language.EN),
        ({}, Language.EN),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "zh_TW.UTF-8"}, Language.ZH),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "", "LC_MESSAGES": "C"}, Language.EN),
    ],
)
def test_the_locale_decides_which_language_it_is(environment: dict[str, str], language: Language) -> None:
    assert default_language(environment) is language


def test_every_state_has_a_name() -> None:
    assert STATES.keys() == set(CaseState)


@pytest.mark.parametrize(
    ("step", "zh"),
    [
        ("Starting Kafka at 127.0.0.1:1 and PostgreSQL at port 2", "启动 Kafka（127.0.0.1:1）和 PostgreSQL（端口 2）"),
        ("Starting 1 x intake, 1 x notify", "启动服务 1 x intake, 1 x notify"),
        ("PostgreSQL is set up", "PostgreSQL 已初始化"),
        ("A step that is new", "A step that is new"),
    ],
)
def test_a_start_step_is_told_in_chinese_or_else_as_it_is(step: str, zh: str) -> None:
    assert step_in(Language.ZH, step) == zh
    assert step_in(Language.EN, step) == step
