"""Does the vault start with good keys only, and never say what they are?"""

from __future__ import annotations

import base64
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from intake.vault.entries import Kind
from intake.vault.keys import HEALTH_KEYS, KEYS, LOOKUP_KEY, BadKeys, choose_keys, laptop_keys, read_keys
from tests.intake.vault.builders import a_key, some_keys

GIVEN = {KEYS: f"k2:{a_key('k2')},k1:{a_key('k1')}", HEALTH_KEYS: f"h1:{a_key('h1')}", LOOKUP_KEY: a_key("lookup")}


def test_the_first_key_is_the_current_one_and_all_open() -> None:
    keys = read_keys(GIVEN)

    assert keys.general.current == "k2"
    assert keys.ids == {"k2", "k1", "h1"}
    assert keys.current_ids == {"k2", "h1"}


def test_medicine_lists_have_keys_of_their_own() -> None:
    keys = read_keys(GIVEN)

    assert keys.ring_of(Kind.MEDICINES) is keys.health
    assert all(keys.ring_of(kind) is keys.general for kind in Kind if kind is not Kind.MEDICINES)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({KEYS: ""}, "VAULT_KEYS, key 1: must be id:base64"),
        ({KEYS: a_key("k1")}, "VAULT_KEYS, key 1: must be id:base64"),
        ({KEYS: f"k1:{a_key('k1')},"}, "VAULT_KEYS, key 2: must be id:base64"),
        ({KEYS: f"k 1:{a_key('k1')}"}, "VAULT_KEYS, key 1: must be id:base64"),
        ({KEYS: f"{'k' * 33}:{a_key('k1')}"}, "VAULT_KEYS, key 1: must be id:base64"),
        ({KEYS: f"k1:{a_key('k1')},k1:{a_key('k2')}"}, "VAULT_KEYS, key 2: the id k1 is there twice"),
        ({KEYS: "k1:not base64!"}, "VAULT_KEYS, key 1: is not base64"),
        ({KEYS: f"k1:{base64.b64encode(b'short').decode()}"}, "VAULT_KEYS, key 1: must be 32 bytes in base64, not 5"),
        ({KEYS: f"k1:{a_key('k1')[:-1]}"}, "VAULT_KEYS, key 1: is not base64"),
        ({HEALTH_KEYS: ""}, "VAULT_HEALTH_KEYS, key 1: must be id:base64"),
        ({HEALTH_KEYS: f"k1:{a_key('other')}"}, "VAULT_HEALTH_KEYS: the id k1 is also in VAULT_KEYS"),
        ({HEALTH_KEYS: f"h1:{a_key('k1')}"}, "one key stands twice"),
        ({LOOKUP_KEY: ""}, "VAULT_LOOKUP_KEY: must be 32 bytes in base64, not 0"),
        ({LOOKUP_KEY: a_key("k1")}, "one key stands twice"),
    ],
)
def test_a_bad_key_is_refused_by_variable_and_place(changes: dict[str, str], said: str) -> None:
    given = {**GIVEN, **changes}

    with pytest.raises(BadKeys) as refused:
        read_keys(given)

    assert said in str(refused.value)
    secrets = [part.split(":")[-1] for value in given.values() for part in value.split(",") if len(part) > 4]
    assert not any(secret in repr(refused.value) for secret in secrets)


def test_production_refuses_to_start_without_keys() -> None:
    with pytest.raises(BadKeys, match="VAULT_KEYS, VAULT_HEALTH_KEYS, VAULT_LOOKUP_KEY: must be set"):
        choose_keys({}, laptop_file=None)


def test_a_laptop_whose_owner_gave_only_some_keys_gets_no_others(tmp_path: Path) -> None:
    with pytest.raises(BadKeys, match=HEALTH_KEYS):
        choose_keys({KEYS: GIVEN[KEYS]}, laptop_file=tmp_path / "vault.keys")

    assert not list(tmp_path.iterdir())


def test_keys_that_are_given_go_before_those_of_the_laptop(tmp_path: Path) -> None:
    assert choose_keys(GIVEN, laptop_file=tmp_path / "vault.keys") == read_keys(GIVEN)
    assert not list(tmp_path.iterdir())


def test_a_laptop_makes_its_keys_once_and_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "new" / "vault.keys"

    first = choose_keys({}, laptop_file=path)

    assert laptop_keys(path) == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["vault.keys"]


def test_services_that_start_at_once_get_the_same_keys(tmp_path: Path) -> None:
    path = tmp_path / "vault.keys"

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: laptop_keys(path), range(8)))

    assert all(keys == made[0] for keys in made)


def test_two_laptops_have_different_keys(tmp_path: Path) -> None:
    assert laptop_keys(tmp_path / "one") != laptop_keys(tmp_path / "two")


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o700, 0o604])
def test_a_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "vault.keys"
    laptop_keys(path)
    path.chmod(mode)

    with pytest.raises(BadKeys, match=f"has mode {mode:o}, must be 600"):
        laptop_keys(path)


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "vault.keys"
    path.write_text("密钥")
    path.chmod(0o600)

    with pytest.raises(BadKeys, match="VAULT_KEYS, key 1"):
        laptop_keys(path)


def test_keys_never_show_themselves() -> None:
    keys = some_keys("k1", "k2")

    for shown in (repr(keys), str(keys), f"{keys.general}"):
        assert "k1" in shown
        assert not any(repr(key)[2:10] in shown for key in (*keys.general.keys.values(), keys.lookup))
        assert a_key("k1") not in shown
