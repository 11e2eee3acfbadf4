"""Does nothing that names a person, or says where somebody lives, leave intake in a summary?"""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.masking import MASK, SUMMARY_LENGTH, summarise


@pytest.mark.parametrize(
    "personal",
    [
        "13912345678",
        "139 1234 5678",
        "139-1234-5678",
        "+8613912345678",
        "+86 139-1234-5678",
        "0512-65123456",
        "051265123456",
        "320507199001011234",
        "32050719900101123X",
        "(619) 555-0123",
        "619-555-0123",
        "li.lei+shop@example.com.cn",
        "苏E12345",
        "苏E·12345",
        "苏ED12345",
        "3幢",
        "12栋2单元301室",
        "5号楼",
        "2单元301室",
        "1203室",
    ],
)
@pytest.mark.parametrize("around", ["{}", "摊贩占道{},请处理", "please call {} soon", "({})"])
def test_what_names_a_person_is_masked(personal: str, around: str) -> None:
    summary = summarise(around.format(personal))

    assert MASK in summary
    assert personal not in summary
    assert not any(character.isdigit() for character in summary), summary


@pytest.mark.parametrize(
    "text",
    [
        "路灯不亮",
        "3 stalls since 17:00",
        "黄埭镇春申路 12 号门口",
        "bus 701",
        "20 米长的裂缝",
        "2026-05-20 12:00",
        "等了5天",
    ],
)
def test_what_names_nobody_is_left_alone(text: str) -> None:
    assert summarise(text) == text


def test_a_summary_is_one_line() -> None:
    assert summarise("  first\n\nsecond\t third\r\n") == "first second third"


def test_a_summary_is_the_beginning_of_a_long_text() -> None:
    assert summarise("灯" * 4000) == "灯" * SUMMARY_LENGTH


def test_a_phone_at_the_end_of_a_summary_is_masked_before_the_text_is_cut() -> None:
    text = "x" * (SUMMARY_LENGTH - 6) + " 13912345678"

    assert "1391" not in summarise(text)


@given(st.text(max_size=600))
def test_any_text_has_a_summary_of_one_line_within_the_limit(text: str) -> None:
    summary = summarise(text)

    assert len(summary) <= SUMMARY_LENGTH
    assert "\n" not in summary


@given(
    st.integers(13_000_000_000, 19_999_999_999).filter(lambda number: str(number)[1] in "3456789"), st.text(max_size=50)
)
def test_no_mobile_number_survives_whatever_stands_before_it(number: int, before: str) -> None:
    text = f"{before} {number}"

    assert str(number) not in summarise(text)


@pytest.mark.parametrize("text", ["a" * 4000, "1" * 4000, "a." * 2000, "12-" * 1333, "苏E" * 2000])
def test_the_longest_text_is_read_in_no_time(text: str) -> None:
    began_s = time.perf_counter()

    summarise(text)

    assert time.perf_counter() - began_s < 0.1
