"""Does a place in a list come back from its word, and is every other word refused?"""

from __future__ import annotations

import struct
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamplight_chassis.cursors import read_cursor, write_cursor
from lamplight_chassis.errors import Rejected

NUMBER = struct.Struct(">q")


@given(st.binary(min_size=1, max_size=48))
def test_a_place_comes_back_from_a_word_that_fits_into_an_address(place: bytes) -> None:
    cursor = write_cursor(place)

    assert read_cursor(cursor, bytes) == place
    assert len(cursor) <= 64
    assert set(cursor) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@pytest.mark.parametrize("cursor", ["é", "A", "AAAA", "\x00", write_cursor(bytes(17))])
def test_what_no_list_gave_out_is_refused(cursor: str) -> None:
    for read in (lambda place: UUID(bytes=place), NUMBER.unpack):
        with pytest.raises(Rejected) as refusal:
            read_cursor(cursor, read)

        assert refusal.value.reason == "bad_cursor"
