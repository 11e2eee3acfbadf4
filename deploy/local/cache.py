"""Where do downloaded jars stay between runs?"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

VARIABLE = "LAMPLIGHT_CACHE"
REPOSITORY_CACHE = Path(__file__).parents[2] / "build" / "cache"


def cache_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """The folder named by `LAMPLIGHT_CACHE`, else the platform's cache folder, else `build/cache` of this repository.

    The last one is for a home folder that is missing or read-only.
    """
    if chosen := environment.get(VARIABLE):
        return Path(chosen).expanduser().absolute()
    return next((folder for folder in _platform_folders(environment) if _is_writable(folder)), REPOSITORY_CACHE)


def _platform_folders(environment: Mapping[str, str]) -> Iterator[Path]:
    home = Path(environment.get("HOME", ""))
    shared = Path(environment.get("XDG_CACHE_HOME", ""))
    if shared.is_absolute():
        yield shared / "lamplight"
    if home.is_absolute():
        yield home / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "lamplight"


def _is_writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK | os.X_OK)
