"""Is the retention table strict, and does it say what the rules say?"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from intake.vault.entries import Kind, Party
from intake.vault.retention import (
    COLUMNS,
    RETENTION_PATH,
    OnWithdrawal,
    Remainder,
    RetentionError,
    load_retention,
)
from intake.vault.standing import Standing
from lamplight_events.vocabulary import CaseState
from tests.builders import NOW

HEADER = ",".join(COLUMNS)
A_LINE = "recipient,name,30,nothing,lock,0,a source"


def test_a_reporter_is_kept_two_years_after_closing_and_then_as_a_hash_only() -> None:
    for kind in (Kind.NAME, Kind.PHONE):
        rule = load_retention()[Party.REPORTER, kind]
        assert (rule.keep, rule.then) == (timedelta(days=730), Remainder.HASH)


def test_a_recipient_is_kept_thirty_days_and_a_medicine_list_seven() -> None:
    rules = load_retention()

    assert {rules[Party.RECIPIENT, kind].keep for kind in Kind if kind is not Kind.MEDICINES} == {timedelta(days=30)}
    assert rules[Party.RECIPIENT, Kind.MEDICINES].keep == timedelta(days=7)
    assert rules[Party.RECIPIENT, Kind.MEDICINES].on_withdrawal is OnWithdrawal.DELETE
    assert {rules[Party.RECIPIENT, kind].then for kind in Kind} == {Remainder.NOTHING}


@pytest.mark.parametrize(
    ("standing", "reason"),
    [
        (Standing(), "the case is still open"),
        (Standing(CaseState.HANDLING, None, NOW - timedelta(days=900)), "the case is still open"),
        (Standing(CaseState.CLOSED, None, NOW - timedelta(days=2)), "may be reopened until 2026-05-21"),
        (Standing(CaseState.CLOSED, None, NOW - timedelta(days=3)), None),
    ],
)
def test_a_reporters_phone_is_held_until_the_case_cannot_be_reopened(standing: Standing, reason: str | None) -> None:
    why = load_retention()[Party.REPORTER, Kind.PHONE].why_held(standing, at=NOW)

    assert (why is None) if reason is None else (why is not None and reason in why)


def test_a_medicine_list_is_never_held() -> None:
    assert load_retention()[Party.RECIPIENT, Kind.MEDICINES].why_held(Standing(), at=NOW) is None


@pytest.mark.parametrize(
    ("line", "field", "reason"),
    [
        (A_LINE.replace("recipient", "vendor"), "party", "'vendor' is none of"),
        (A_LINE.replace("name", "iris"), "kind", "'iris' is none of"),
        (A_LINE.replace("30", "-1"), "keep_days", "not of the form"),
        (A_LINE.replace("30", "soon"), "keep_days", "not of the form"),
        (A_LINE.replace("30", ""), "keep_days", "is empty"),
        (A_LINE.replace("nothing", "ashes"), "then", "'ashes' is none of"),
        (A_LINE.replace("name", "address").replace("nothing", "hash"), "then", "there is no hash of address"),
        (A_LINE.replace("lock", "keep"), "on_withdrawal", "'keep' is none of"),
        (A_LINE.replace("lock,0", "lock,31"), "hold_days", "is longer than keep_days"),
        (A_LINE.replace("a source", ""), "source", "is empty"),
        (A_LINE + "\n" + A_LINE, "kind", "recipient.name is there twice"),
        (A_LINE, "kind", "ends without a rule for reporter.name"),
    ],
)
def test_a_mistake_in_the_table_is_named_by_file_line_and_field(
    tmp_path: Path, line: str, field: str, reason: str
) -> None:
    path = tmp_path / "retention.csv"
    path.write_text(f"{HEADER}\n{line}\n", encoding="utf-8")

    with pytest.raises(RetentionError) as refused:
        load_retention(path)

    assert (refused.value.path, refused.value.field) == (path, field)
    assert reason in refused.value.reason


def test_the_table_names_the_source_of_each_period() -> None:
    assert len(load_retention()) == len(RETENTION_PATH.read_text(encoding="utf-8").splitlines()) - 1
