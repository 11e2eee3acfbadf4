"""Does the page work offline, and show what the terminal shows?"""

from __future__ import annotations

import json
import re

import aiohttp

from deploy.demo import words
from deploy.demo.calls import Caller
from deploy.demo.language import Language, Wording
from deploy.demo.page import PAGE_PATH, PageServer, page_words, scene_as_json
from deploy.demo.stopwatch import Latency
from lamplight_events.vocabulary import CaseState
from tests.demo.builders import a_scene, an_alert
from tests.local.builders import a_free_port

PAGE = PAGE_PATH.read_text(encoding="utf-8")


def test_the_page_loads_nothing_from_elsewhere() -> None:
    addresses = set(re.findall(r"[a-z]+://[^\s\"'<]+", PAGE))

    assert addresses == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"(src|href)=\"(?!data:)", PAGE)


def test_the_page_uses_no_text_that_it_is_not_given() -> None:
    given = page_words(Language.ZH)["texts"]

    assert set(re.findall(r"words\.texts\.(\w+)", PAGE)) <= given.keys()


def test_every_text_is_there_in_both_languages() -> None:
    found = page_words(Language.EN)

    for group in ("texts", "acts", "states", "outcomes", "categories"):
        assert all(zh and en for zh, en in found[group].values())
    assert found["states"].keys() == set(CaseState)


def test_the_page_says_what_is_synthetic() -> None:
    assert "合成" in words.SYNTHETIC.zh
    assert "synthetic" in words.SYNTHETIC.en
    assert 'id="synthetic"' in PAGE


def test_a_scene_goes_to_the_page_whole() -> None:
    scene = a_scene(alerts=[an_alert(3)], states=[CaseState.CLOSED], latency=Latency(9, 0.02, 0.07))

    sent = json.loads(json.dumps(scene_as_json(scene)))

    assert sent["cases"] == [["case-0", 120.6, 31.3, "closed", "mobile_vendor", "320507007"]]
    assert sent["alerts"] == [[3, "case_assigned", "【新案卷】", "New case"]]
    assert sent["reports"] == {"noon": [212, 330], "san_diego": [0, 500]}
    assert sent["latency"] == [0.02, 0.07]
    assert sent["outcomes"] == {"persuaded": 118, "refused": 76, "educated": 18}


async def test_the_page_its_words_its_streets_and_the_scene_come_from_one_address() -> None:
    async with aiohttp.ClientSession() as session:
        caller = Caller(session, {"notify": f"http://127.0.0.1:{a_free_port()}"})
        async with PageServer(caller, a_scene, Language.EN) as server:
            answers = [await session.get(f"{server.address}{path}") for path in ("/", "/words", "/streets", "/scene")]

            assert [answer.status for answer in answers] == [200, 200, 200, 200]
            assert (await answers[1].json())["language"] == "en"
            assert len((await answers[2].json())["features"]) == 118
            assert (await answers[3].json())["elapsed_s"] == 67.4


async def test_a_second_server_takes_another_port() -> None:
    async with aiohttp.ClientSession() as session:
        caller = Caller(session, {})
        async with (
            PageServer(caller, a_scene, Language.EN) as first,
            PageServer(caller, a_scene, Language.ZH) as second,
        ):
            assert first.address != second.address


def test_a_wording_is_read_in_one_language() -> None:
    assert [Wording("点亮", "Lamplight").of(language) for language in (Language.ZH, Language.EN)] == [
        "点亮",
        "Lamplight",
    ]
