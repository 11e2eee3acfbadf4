"""How do the bytes that somebody sent become a photo that a report may name?"""

from __future__ import annotations

import asyncio
from datetime import datetime

from intake.evidence.darkroom import Darkroom
from intake.evidence.objects import Copy, Objects
from intake.evidence.photos import Photo, check_photo, name_of
from intake.evidence.store import photo_with_name, touch_photo
from lamplight_chassis.clock import Clock
from lamplight_chassis.database import Database


class Album:
    """Keeps photos: the same one twice is decoded and stored once.

    The row comes first and protects the objects from the sweep, the objects next, and only then does the caller's
    transaction name the photo: whatever dies in between, no report is without its photo.
    """

    def __init__(self, *, database: Database, objects: Objects, darkroom: Darkroom, now: Clock) -> None:
        self._database = database
        self._objects = objects
        self._darkroom = darkroom
        self._now = now

    async def keep(self, data: bytes) -> Photo:
        """Check, read and store a photo.

        Raises:
            Rejected: it is none that intake takes.
            Transient: the workers, the store or the database cannot take it now.
        """
        check_photo(data, self._darkroom.limits)
        sha256 = await asyncio.to_thread(name_of, data)
        known = await photo_with_name(self._database, sha256)
        if known is not None and await self._is_kept(known, self._now()):
            return known
        developed = await self._darkroom.develop(data, sha256=sha256)
        await touch_photo(self._database, developed.photo, now=self._now())
        copies = {Copy.ORIGINAL: data, Copy.PHOTO: developed.copy, Copy.THUMBNAIL: developed.thumbnail}
        await self._objects.put(sha256, copies)
        return developed.photo

    async def _is_kept(self, photo: Photo, now: datetime) -> bool:
        """Whether the objects are there, looked at when no sweep can take them any more."""
        await touch_photo(self._database, photo, now=now)
        return await self._objects.has(photo.sha256)
