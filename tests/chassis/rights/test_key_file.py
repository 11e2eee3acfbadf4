"""Which API keys are good, and what when somebody edits their file?"""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from lamplight_chassis.rights.__main__ import main
from lamplight_chassis.rights.api_keys import hash_of, make_key, split_key
from lamplight_chassis.rights.caller import Caller
from lamplight_chassis.rights.key_file import COLUMNS, KeyFile, read_keys
from lamplight_chassis.rights.metrics import RightsMetrics
from lamplight_chassis.rights.refusals import Refused
from lamplight_chassis.rights.table import TableError
from tests.chassis.rights.parts import VOCABULARY, Hands

HEADER = ",".join(COLUMNS)
TEXT, KEY_ID, HASH = make_key()
LINE = f"{KEY_ID},{HASH},hotline,maker looker,place=a|b,,ours"


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys.csv"


@pytest.fixture
def open_file(path: Path, registry: CollectorRegistry, hands: Hands) -> Callable[..., KeyFile]:
    def open_with(*lines: str) -> KeyFile:
        write(path, *lines)
        return KeyFile(path, vocabulary=VOCABULARY, metrics=RightsMetrics(registry), now=hands.now)

    return open_with


def write(path: Path, *lines: str) -> None:
    """Replace the file, as an editor does."""
    fresh = path.with_suffix(".new")
    fresh.write_text("\n".join([HEADER, *lines, ""]))
    fresh.replace(path)


def reason_of(keys: KeyFile, text: str) -> str:
    with pytest.raises(Refused) as caught:
        keys.caller(text)
    return caught.value.reason


def test_a_key_names_its_caller_with_roles_and_scopes(open_file: Callable[..., KeyFile]) -> None:
    keys = open_file(LINE)

    expected = Caller("hotline", frozenset({"maker", "looker"}), {"place": frozenset({"a", "b"})})
    assert keys.caller(TEXT) == expected


@pytest.mark.parametrize(
    "text",
    ["", "lk_", TEXT[:-1], TEXT + "x", TEXT.upper(), f"lk_{KEY_ID}_" + "x" * 43, f"lk_other_{TEXT[-43:]}", "ключ"],
)
def test_any_other_text_is_no_key(open_file: Callable[..., KeyFile], text: str) -> None:
    assert reason_of(open_file(LINE), text) == "credentials_invalid"


def test_a_key_expires(open_file: Callable[..., KeyFile], hands: Hands) -> None:
    ends_at = datetime.fromtimestamp(hands.now().timestamp() + 10, UTC)
    keys = open_file(f"{KEY_ID},{HASH},hotline,maker,,{ends_at.isoformat()},")
    assert keys.caller(TEXT)

    hands.passed_s = 10
    assert reason_of(keys, TEXT) == "credentials_expired"


def test_a_key_whose_line_is_taken_out_is_good_no_more(open_file: Callable[..., KeyFile], path: Path) -> None:
    other, other_id, other_hash = make_key()
    keys = open_file(LINE)

    write(path, f"{other_id},{other_hash},counter,maker,,,")
    keys.look()

    assert reason_of(keys, TEXT) == "credentials_invalid"
    assert keys.caller(other).name == "counter"


def test_a_file_without_keys_takes_the_last_one_away(open_file: Callable[..., KeyFile], path: Path) -> None:
    keys = open_file(LINE)

    write(path)
    keys.look()

    assert reason_of(keys, TEXT) == "credentials_invalid"


@pytest.mark.parametrize("damage", [lambda path: write(path, LINE, "what?"), lambda path: path.unlink()])
def test_a_file_that_is_damaged_while_we_run_changes_nothing_but_is_told(
    open_file: Callable[..., KeyFile], path: Path, registry: CollectorRegistry, damage: Callable[[Path], None]
) -> None:
    keys = open_file(LINE)

    damage(path)
    keys.look()
    keys.look()

    assert keys.caller(TEXT).name == "hotline"
    assert registry.get_sample_value("rights_key_file_errors_total") == 1
    assert registry.get_sample_value("rights_key_file_stale") == 1

    write(path)
    keys.look()
    assert registry.get_sample_value("rights_key_file_stale") == 0
    assert reason_of(keys, TEXT) == "credentials_invalid"


def test_a_file_that_is_written_over_in_place_is_noticed(open_file: Callable[..., KeyFile], path: Path) -> None:
    keys = open_file(LINE)

    path.write_text(f"{HEADER}\n{LINE.replace('hotline', 'counter')}\n")
    os.utime(path, ns=(1, 1))
    keys.look()

    assert keys.caller(TEXT).name == "counter"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "line 1, header: must be id,hash"),
        ("id,hash,name\n", "line 1, header"),
        (f"{HEADER}\nshort\n", "line 2, row: has 1 cells instead of 7"),
        (f'{HEADER}\n"open\n', "row: "),
        (f"{HEADER}\n{LINE}\n{LINE}\n", "line 3, id: .* more than once"),
        (f"{HEADER}\n,{HASH},a,maker,,,\n", "line 2, id: is empty"),
        (f"{HEADER}\nÄ,{HASH},a,maker,,,\n", "line 2, id: is not of the form"),
        (f"{HEADER}\nkey1,1234,a,maker,,,\n", "line 2, hash: is not a SHA-256"),
        (f"{HEADER}\nkey1,{HASH},,maker,,,\n", "line 2, name: is empty"),
        (f"{HEADER}\nkey1,{HASH},a,,,,\n", "line 2, roles: is empty"),
        (f"{HEADER}\nkey1,{HASH},a,makr,,,\n", "line 2, roles: 'makr' is no role"),
        (f"{HEADER}\nkey1,{HASH},a,anonymous,,,\n", "line 2, roles: 'anonymous' is no role that a key can have"),
        (f"{HEADER}\nkey1,{HASH},a,maker maker,,,\n", "line 2, roles: 'maker' is there more than once"),
        (f"{HEADER}\nkey1,{HASH},a,maker,place,,\n", "line 2, scopes: 'place' is not of the form"),
        (f"{HEADER}\nkey1,{HASH},a,maker,place=a|,,\n", "line 2, scopes: 'place=a|' is not of the form"),
        (f"{HEADER}\nkey1,{HASH},a,maker,plaice=a,,\n", "line 2, scopes: 'plaice' is no dimension"),
        (f"{HEADER}\nkey1,{HASH},a,maker,place=a place=b,,\n", "line 2, scopes: 'place' is there more than once"),
        (f"{HEADER}\nkey1,{HASH},a,maker,,tomorrow,\n", "line 2, expires: 'tomorrow' is neither"),
        (f"{HEADER}\nkey1,{HASH},a,maker,,2027-01-01T00:00:00,\n", "line 2, expires: .* has no offset"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_field(path: Path, text: str, told: str) -> None:
    path.write_text(text)

    with pytest.raises(TableError, match=told.replace("|", r"\|")):
        read_keys(path, VOCABULARY)


def test_a_file_that_is_missing_or_no_text_is_refused(path: Path, tmp_path: Path) -> None:
    path.write_bytes(b"\xff\xfe")

    with pytest.raises(TableError, match="file: is not UTF-8"):
        read_keys(path, VOCABULARY)
    with pytest.raises(TableError, match="file: No such file"):
        read_keys(tmp_path / "nowhere.csv", VOCABULARY)


def test_a_day_ends_a_key_when_it_begins(path: Path) -> None:
    path.write_text(f"{HEADER}\nkey1,{HASH},a,maker,,2027-06-30,\n")

    assert read_keys(path, VOCABULARY)["key1"].expires_at == datetime(2027, 6, 30, tzinfo=UTC)


def test_the_command_prints_a_key_once_and_the_line_that_makes_it_good(
    open_file: Callable[..., KeyFile], capsys: pytest.CaptureFixture[str]
) -> None:
    main(["new-key", "--name", "hotline, night", "--role", "maker", "--role", "looker", "--scope", "place=a|b"])
    printed = [line for line in capsys.readouterr().out.splitlines() if line]
    [text] = [line for line in printed if split_key(line)]

    keys = open_file(printed[-1])

    assert keys.caller(text).name == "hotline, night"
    assert keys.caller(text).scopes == {"place": {"a", "b"}}
    [cells] = csv.reader([printed[-1]])
    assert cells[1] == hash_of(text[-43:])
    assert text[-43:] not in printed[-1]


def test_no_two_keys_are_alike() -> None:
    assert len({make_key() for _ in range(100)}) == 100
