"""Is a person found under whichever spelling of their phone or name?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.vault.entries import HouseNumber, Name, Phone
from intake.vault.fingerprints import fingerprint, name_fingerprint, phone_fingerprint, request_digest
from intake.vault.spelling import normal_name, normal_phone
from tests.intake.vault.builders import some_keys

mobiles = st.integers(13_000_000_000, 19_999_999_999).map(str)
FULL_WIDTH = str.maketrans("0123456789+-() ", "０１２３４５６７８９＋－（）\u3000")


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("13800005678", "13800005678"),
        ("+8613800005678", "13800005678"),
        ("008613800005678", "13800005678"),
        ("8613800005678", "13800005678"),
        ("+86 138 0000 5678", "13800005678"),
        ("(+86)138-0000-5678", "13800005678"),
        ("１３８００００５６７８", "13800005678"),
        ("＋８６　１３８－００００－５６７８", "13800005678"),
        ("\u202a138 0000 5678\u202c", "13800005678"),
        ("138\u00a00000\u20115678", "13800005678"),
        ("١٣٨٠٠٠٠٥٦٧٨", "13800005678"),
        ("0512-65120000", "051265120000"),
        ("+86 512 6512 0000", "051265120000"),
        ("+86 (0)512 65120000", "051265120000"),
        ("+86 10 65120000", "01065120000"),
        ("+86 400 123 0000", "4001230000"),
        ("12345", "12345"),
        ("+86 12345", "12345"),
        ("+44 20 7946 0000", "+442079460000"),
        ("0044 20 7946 0000", "+442079460000"),
        ("(619) 555-0123", "6195550123"),
    ],
)
def test_a_number_has_one_spelling(written: str, normal: str) -> None:
    assert normal_phone(written) == normal
    assert normal_phone(normal) == normal


@given(mobiles, st.sampled_from(["", "+86", "0086", "+86 ", "(+86)", "86"]), st.sampled_from(["", " ", "-", "\u2009"]))
def test_every_mobile_number_is_the_same_however_it_is_written(number: str, prefix: str, between: str) -> None:
    written = prefix + between.join((number[:3], number[3:7], number[7:]))

    assert normal_phone(written) == number
    assert normal_phone(written.translate(FULL_WIDTH)) == number


@given(mobiles, mobiles)
def test_two_numbers_have_one_fingerprint_only_if_they_are_one(one: str, other: str) -> None:
    keys = some_keys()

    same = phone_fingerprint(keys, Phone(one)) == phone_fingerprint(keys, Phone(f"+86 {other}"))

    assert same is (one == other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("张三", " 张 三 ".replace(" ", "\u200e")),
        ("Ａｎｎａ", "anna"),
        ("Anna  Maria", "anna maria"),
        ("阿卜・试", "阿卜·试"),
        ("e\u0301va", "\u00c9va"),
        ("ﾃｽﾄ", "テスト"),
    ],
)
def test_a_name_has_one_spelling(one: str, other: str) -> None:
    assert normal_name(one) == normal_name(other)


def test_different_names_stay_different() -> None:
    assert len({normal_name(name) for name in ("张三", "張三", "张叁", "张三三", "张 三")}) == 5


def test_a_fingerprint_needs_the_key_and_tells_phones_from_names() -> None:
    phone, name = Phone("13800005678"), Name("13800005678")

    assert phone_fingerprint(some_keys(), phone) != phone_fingerprint(some_keys(lookup="other"), phone)
    assert phone_fingerprint(some_keys(), phone) != name_fingerprint(some_keys(), name)
    assert len(phone_fingerprint(some_keys(), phone)) == 32


def test_nothing_is_found_by_where_somebody_lives() -> None:
    assert fingerprint(some_keys(), HouseNumber("3幢301室")) is None


def test_the_digest_of_a_request_fits_its_column_and_needs_key_and_actor() -> None:
    digest = request_digest(some_keys(), b"13800005678", actor="desk_1")

    assert -(2**63) <= digest < 2**63
    assert digest != request_digest(some_keys(lookup="other"), b"13800005678", actor="desk_1")
    assert digest != request_digest(some_keys(), b"13800005678", actor="desk_2")
