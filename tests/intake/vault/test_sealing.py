"""Does a value open at its own place, with its own key, unchanged, and nowhere else?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.vault.entries import Kind, MedicineList, Name, Party
from intake.vault.keeping import seal_person
from intake.vault.keys import VaultKeys
from intake.vault.sealing import CannotOpen, Entry, Sealed, open_entry
from lamplight_chassis.clock import new_id
from lamplight_chassis.errors import Rejected
from tests.builders import NOW
from tests.intake.vault.builders import A_RECIPIENT, EVERY_CONSENT, a_person, a_reporter, some_keys

KEYS = some_keys("k1")


def entries(keys: VaultKeys = KEYS, **changes: object) -> dict[Kind, Entry]:
    sealed = seal_person(keys, a_person(**changes), consents=EVERY_CONSENT, at=NOW, new_id=new_id)
    return {entry.kind: entry for entry in sealed}


def sealed_of(entry: Entry) -> Sealed:
    assert entry.sealed is not None
    return entry.sealed


def with_ciphertext(change: Callable[[bytes], bytes]) -> Callable[[Entry], Entry]:
    def changed(entry: Entry) -> Entry:
        return replace(entry, sealed=replace(sealed_of(entry), ciphertext=change(sealed_of(entry).ciphertext)))

    return changed


def test_every_value_opens_where_it_was_locked() -> None:
    found = entries()

    assert tuple(open_entry(KEYS, found[value.kind]) for value in A_RECIPIENT) == A_RECIPIENT


def test_the_same_value_is_never_locked_alike() -> None:
    one, other = sealed_of(entries()[Kind.NAME]), sealed_of(entries()[Kind.NAME])

    assert one.nonce != other.nonce
    assert one.ciphertext != other.ciphertext


def test_the_key_id_stands_beside_and_medicines_have_another() -> None:
    found = entries()

    assert {kind: sealed_of(entry).key_id for kind, entry in found.items()} == {
        kind: "h1" if kind is Kind.MEDICINES else "k1" for kind in found
    }


TAMPERED: list[Callable[[Entry], Entry]] = [
    with_ciphertext(lambda text: bytes([text[0] ^ 1]) + text[1:]),
    with_ciphertext(lambda text: text[:-1] + bytes([text[-1] ^ 128])),
    with_ciphertext(lambda text: text[:-1]),
    with_ciphertext(lambda text: text + b"\x00"),
    with_ciphertext(lambda text: b""),
    lambda entry: replace(entry, sealed=replace(sealed_of(entry), nonce=bytes(12))),
    lambda entry: replace(entry, sealed=replace(sealed_of(entry), nonce=b"")),
    lambda entry: replace(entry, id=new_id()),
    lambda entry: replace(entry, owner_id=new_id()),
    lambda entry: replace(entry, kind=Kind.ADDRESS),
    lambda entry: replace(entry, party=Party.REPORTER),
]


@pytest.mark.parametrize("tamper", TAMPERED)
def test_what_was_changed_or_moved_does_not_open_and_says_nothing_of_itself(tamper: Callable[[Entry], Entry]) -> None:
    entry = tamper(entries()[Kind.NAME])

    with pytest.raises(CannotOpen) as refused:
        open_entry(KEYS, entry)

    assert "it is not what was locked here" in str(refused.value)
    assert str(entry.id) in str(refused.value)
    assert "张" not in repr(refused.value)
    assert refused.value.__cause__ is None


def test_two_rows_that_are_swapped_do_not_open() -> None:
    one, other = entries()[Kind.PHONE], entries()[Kind.PHONE]

    for row, foreign in ((one, other), (other, one)):
        with pytest.raises(CannotOpen):
            open_entry(KEYS, replace(row, sealed=foreign.sealed))


def test_another_key_under_the_same_id_does_not_open() -> None:
    other = replace(KEYS, general=replace(KEYS.general, keys={"k1": bytes(32)}))

    with pytest.raises(CannotOpen, match="not what was locked here"):
        open_entry(other, entries()[Kind.NAME])


def test_a_dropped_key_is_named() -> None:
    with pytest.raises(CannotOpen, match="under key k1: this key is not there"):
        open_entry(some_keys("k2"), entries()[Kind.NAME])


def test_the_keys_of_everything_else_do_not_open_a_medicine_list() -> None:
    with pytest.raises(CannotOpen, match="under key h1"):
        open_entry(some_keys("k1", health=("h2",)), entries()[Kind.MEDICINES])


def test_an_entry_of_which_only_the_hash_is_left_has_no_value() -> None:
    assert open_entry(KEYS, replace(entries()[Kind.NAME], sealed=None, emptied_at=NOW)) is None


def test_an_entry_never_shows_what_is_in_it() -> None:
    entry = entries()[Kind.PHONE]

    shown = repr(entry)

    for secret in (sealed_of(entry).ciphertext, sealed_of(entry).nonce, entry.fingerprint):
        assert repr(secret) not in shown
    assert "13800005678" not in shown


def test_a_medicine_list_is_not_kept_without_consent() -> None:
    with pytest.raises(Rejected, match=r"medicines: .* must not be kept without consent for medicines"):
        seal_person(KEYS, a_person(values=(MedicineList(("维生素C片",)),)), at=NOW, new_id=new_id)


def test_what_nobody_needs_is_not_kept() -> None:
    person = a_reporter(values=(MedicineList(("维生素C片",)),))

    with pytest.raises(Rejected, match="nobody needs the medicines of a reporter"):
        seal_person(KEYS, person, consents=EVERY_CONSENT, at=NOW, new_id=new_id)


@given(st.text(min_size=1, max_size=100))
def test_any_name_comes_back_as_it_was(text: str) -> None:
    try:
        name = Name(text)
    except Rejected:
        return

    [entry] = seal_person(KEYS, a_person(values=(name,)), at=NOW, new_id=new_id)

    assert open_entry(KEYS, entry) == name
