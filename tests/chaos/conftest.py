"""Which of these tests run with all others, and which only when they are asked for?"""

from __future__ import annotations

import pytest

MARKER = "chaos"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", f"{MARKER}: whole chaos runs of some minutes each, only with `-m {MARKER}`")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave whole runs out unless a marker expression speaks of them."""
    if MARKER in config.option.markexpr:
        return
    left_out = [item for item in items if item.get_closest_marker(MARKER)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]
