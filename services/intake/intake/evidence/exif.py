"""When and where was a photo taken, as its EXIF says?

The answer is what the camera claims. What cannot be read is missing, never an error: a photo without a place is still a
photo, and the verdict says that it is doubtful.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from intake.evidence.photos import Shot

# Tags of EXIF 3.0: of the camera's folder, and of the GPS folder.
TIME, OFFSET = 0x9003, 0x9011
LATITUDE_SIDE, LATITUDE, LONGITUDE_SIDE, LONGITUDE, GPS_TIME, GPS_DATE = 1, 2, 3, 4, 7, 29

_TIME = re.compile(r"([0-9]{4})[:/-]([0-9]{2})[:/-]([0-9]{2})[ T]([0-9]{2}):([0-9]{2}):([0-9]{2})")
_OFFSET = re.compile(r"([+-])([0-9]{2}):([0-9]{2})")
_SIDES = {"N": 1, "S": -1, "E": 1, "W": -1}


def read_shot(camera: Mapping[int, object], gps: Mapping[int, object], *, zone: tzinfo) -> Shot:
    """Time and place of the two EXIF folders.

    Arguments:
        zone: what the camera's clock shows when it does not say how far it is from UTC.
    """
    at = _camera_time(camera, zone) or _gps_time(gps)
    latitude = _degrees(gps.get(LATITUDE), gps.get(LATITUDE_SIDE))
    longitude = _degrees(gps.get(LONGITUDE), gps.get(LONGITUDE_SIDE))
    if latitude is None or longitude is None or latitude == longitude == 0:
        return Shot(at=at)  # a receiver without a fix writes zeros
    return Shot(at, longitude, latitude)


def _camera_time(camera: Mapping[int, object], zone: tzinfo) -> datetime | None:
    found = _TIME.fullmatch(_text(camera.get(TIME)))
    return _moment(found, _offset(_text(camera.get(OFFSET))) or zone) if found else None


def _gps_time(gps: Mapping[int, object]) -> datetime | None:
    clock = _numbers(gps.get(GPS_TIME))
    if clock is None or not all(0 <= part < 100 for part in clock):
        return None
    text = f"{_text(gps.get(GPS_DATE))} {int(clock[0]):02}:{int(clock[1]):02}:{int(clock[2]):02}"
    found = _TIME.fullmatch(text)
    return _moment(found, UTC) if found else None


def _moment(found: re.Match[str], zone: tzinfo) -> datetime | None:
    year, month, day, hour, minute, second = map(int, found.groups())
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _offset(text: str) -> tzinfo | None:
    found = _OFFSET.fullmatch(text)
    if found is None:
        return None
    away = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return timezone(-away if found[1] == "-" else away) if away < timedelta(hours=24) else None


def _degrees(value: object, side: object) -> float | None:
    parts = _numbers(value)
    sign = _SIDES.get(_text(side).upper())
    if parts is None or sign is None:
        return None
    return sign * (parts[0] + parts[1] / 60 + parts[2] / 3600)


def _numbers(value: object) -> tuple[float, float, float] | None:
    if not isinstance(value, tuple) or len(value) != 3:
        return None
    try:
        first, second, third = (float(part) for part in value)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    return (first, second, third) if all(map(math.isfinite, (first, second, third))) else None


def _text(value: object) -> str:
    text = value.decode("ascii", "replace") if isinstance(value, bytes) else value
    return text.strip("\x00 ") if isinstance(text, str) else ""
