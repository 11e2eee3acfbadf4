"""Does a mask show no more than it must, whatever stands behind it?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.vault.entries import Address, Contact, FreeText, HouseNumber, MedicineList, Name, Phone, Value
from intake.vault.masks import mask, mask_name, mask_phone


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Phone("13800005678"), "138****5678"),
        (Phone("+86 138 0000 5678"), "138****5678"),
        (Phone("051265120000"), "051****0000"),
        (Phone("+442079460000"), "442****0000"),
        (Phone("65120078"), "****78"),
        (Phone("12345"), "****"),
        (Name("张"), "*"),
        (Name("张三"), "张*"),
        (Name("王小试"), "王**"),
        (Name("欧阳试样"), "欧***"),
        (Name("阿卜杜拉·试样·试"), "阿***"),
        (Name("𠮷野"), "𠮷*"),
        (Name("\u202b张三\u202c"), "张*"),
        (Name("👵🏽张三"), "张*"),
        (Name("👵🏽"), "*"),
        (Name("Anna Maria"), "A***"),
        (Name("e\u0301va"), "\u00e9**"),
        (HouseNumber("3幢2单元301室"), "***"),
        (Address("试样路 5 号"), "***"),
        (FreeText("钥匙在花盆下"), "***"),
        (Contact("wang@example.org"), "***"),
        (MedicineList(("a", "b", "c")), "药品 3 种"),
    ],
)
def test_a_mask_has_the_form_that_the_rules_give(value: Value, shown: str) -> None:
    assert mask(value) == shown


@given(st.text(min_size=1, max_size=100))
def test_of_a_name_at_most_the_first_letter_shows_and_never_all(name: str) -> None:
    masked = mask_name(name)

    assert masked.endswith("*")
    assert len(masked.rstrip("*")) <= 1
    assert len(masked) <= 4


@given(st.from_regex(r"\A\+?[0-9]{5,15}\Z"))
def test_of_a_phone_at_least_four_digits_stay_hidden(number: str) -> None:
    digits = number.removeprefix("+")
    shown = mask_phone(number).replace("****", "")

    assert "****" in mask_phone(number)
    assert len(digits) - len(shown) >= 4
    assert len(shown) <= 7


@given(st.integers(13_000_000_000, 19_999_999_999))
def test_a_mobile_number_has_the_usual_mask(number: int) -> None:
    assert mask(Phone(str(number))) == f"{str(number)[:3]}****{str(number)[-4:]}"
