"""Does a log ever name a person?"""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from contextlib import redirect_stdout
from typing import Any

import pytest
import structlog

from lamplight_chassis.logs import MASK, configure_logs, redact


def redacted(**event: Any) -> dict[str, Any]:
    return dict(redact(None, "info", event))


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("call 13912345678 now", f"call {MASK} now"),
        ("电话13912345678,请回电", f"电话{MASK},请回电"),
        ("身份证320507199001011234", f"身份证{MASK}"),
        ("id 32050719900101123X.", f"id {MASK}."),
        ("mail to li.lei+x@example.com.cn!", f"mail to {MASK}!"),
        ("postgresql://root:hunter2@10.0.0.7/words", f"postgresql://{MASK}@10.0.0.7/words"),
        ("https://user:p%40ss@example.org/hook", f"https://{MASK}@example.org/hook"),
        ("13912345678 and 13812345678", f"{MASK} and {MASK}"),
    ],
)
def test_what_names_a_person_is_masked_in_any_text(said: str, written: str) -> None:
    assert redacted(event="x", text=said)["text"] == written


@pytest.mark.parametrize(
    "text", ["order 139123456789", "zone 320507402", "2026-05-20T04:00:00", "v1.2.3", "a:b@", "12345"]
)
def test_what_names_nobody_is_left_alone(text: str) -> None:
    assert redacted(event="x", text=text)["text"] == text


@pytest.mark.parametrize("field", ["password", "Authorization", "secret", "token", "phone", "EMAIL", "address", "name"])
def test_a_field_that_holds_a_secret_or_a_person_is_masked_whatever_it_says(field: str) -> None:
    assert redacted(event="x", **{field: "anything"})[field] == MASK
    assert redacted(event="x", **{field: 7})[field] == MASK


def test_nested_values_are_masked_too() -> None:
    event = redacted(event="x", body={"list": [{"phone": 1}, ("call 13912345678", 2)], "token": ["a"]})

    assert event["body"] == {"list": [{"phone": MASK}, [f"call {MASK}", 2]], "token": MASK}


def test_other_kinds_of_values_are_left_as_they_are() -> None:
    assert redacted(event="x", count=3, ok=True, nothing=None) == {
        "event": "x",
        "count": 3,
        "ok": True,
        "nothing": None,
    }


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What the service's own configuration of the log writes; the configuration is taken back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    with redirect_stdout(io.StringIO()) as out:
        configure_logs(service="words", instance="words-1", level="INFO")
        yield out
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def test_a_line_is_json_with_service_instance_level_and_time(written: io.StringIO) -> None:
    structlog.get_logger().info("word.written", word="点亮", phone="13912345678")

    line = json.loads(written.getvalue())
    assert line["event"] == "word.written"
    assert (line["service"], line["instance"], line["level"]) == ("words", "words-1", "info")
    assert (line["word"], line["phone"]) == ("点亮", MASK)
    assert line["timestamp"].endswith("Z")


def test_a_traceback_is_masked(written: io.StringIO) -> None:
    try:
        raise ValueError("nobody has 13912345678")
    except ValueError:
        structlog.get_logger().exception("word.failed")

    assert "Traceback" in json.loads(written.getvalue())["exception"]
    assert "13912345678" not in written.getvalue()


def test_a_warning_of_a_library_is_masked_json_too(written: io.StringIO) -> None:
    logging.getLogger("some.library").warning("cannot reach %s", "postgresql://root:hunter2@10.0.0.7/words")

    line = json.loads(written.getvalue())
    assert line["event"] == f"cannot reach postgresql://{MASK}@10.0.0.7/words"
    assert line["service"] == "words"


def test_what_is_below_the_level_is_not_written(written: io.StringIO) -> None:
    structlog.get_logger().debug("word.looked_at")
    logging.getLogger("some.library").info("chatter")

    assert written.getvalue() == ""
