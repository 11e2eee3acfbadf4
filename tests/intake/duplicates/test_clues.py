"""Which clues cannot be built?"""

from __future__ import annotations

from datetime import datetime
from math import inf, nan
from typing import Any

import pytest

from tests.intake.duplicates.builders import a_clue


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("longitude_deg", nan),
        ("longitude_deg", 180.5),
        ("latitude_deg", nan),
        ("latitude_deg", -inf),
        ("at", datetime(2026, 5, 1)),  # noqa: DTZ001 - the refused case
        ("category", ""),
        ("photo_hashes", (1 << 64,)),
        ("photo_hashes", (-1,)),
        ("photo_hashes", (0,) * 21),
    ],
)
def test_a_bad_value_is_refused_with_the_field_named(field: str, value: Any) -> None:
    with pytest.raises(ValueError, match=f"^{field}:"):
        a_clue(**{field: value})
