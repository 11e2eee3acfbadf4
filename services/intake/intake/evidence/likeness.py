"""How alike do two photos look, however they were saved?

A difference hash: the picture is shrunk to 9 × 8 grey points, and each of 64 bits says whether a point is darker than
its right neighbour. Saving again or scaling changes few bits, another picture about half of them. Twenty lines of our
own, because the usual library would bring scipy and PyWavelets into every intake.
"""

from __future__ import annotations

WIDTH, HEIGHT = 9, 8
BITS = 64
SAME_PICTURE = 6
"""At most so many bits differ between a photo and the same photo saved again or slightly scaled."""

PLAIN_SHADES = 6
"""A picture with fewer shades between its darkest and lightest point shows nothing to tell it by: a lens cap, fog."""


def difference_hash(grey: bytes) -> int | None:
    """The hash of a picture's 9 × 8 grey values, row by row; None for a plain picture."""
    if len(grey) != WIDTH * HEIGHT:
        raise ValueError(f"grey: must have {WIDTH * HEIGHT} values, not {len(grey)}")
    if max(grey) - min(grey) < PLAIN_SHADES:
        return None
    found = 0
    for place, value in enumerate(grey):
        if place % WIDTH < WIDTH - 1:
            found = found << 1 | (value < grey[place + 1])
    return found


def difference(one: int, other: int) -> int:
    """In how many of 64 bits two hashes differ."""
    return (one ^ other).bit_count()


def to_signed(likeness: int) -> int:
    """The same 64 bits as a number that a bigint column can hold."""
    return likeness - (1 << BITS) if likeness >> (BITS - 1) else likeness


def from_signed(stored: int) -> int:
    """The 64 bits of a stored number."""
    return stored % (1 << BITS)
