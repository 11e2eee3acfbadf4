"""What does the instance do that a test kills in the middle of an upload?

It keeps what arrives, as intake would, says when the last part was handed over, and then waits for its end.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

from intake.evidence.album import Album
from intake.evidence.darkroom import Darkroom
from intake.evidence.objects import Objects
from intake.evidence.photos import PhotoLimits
from intake.evidence.uploads.receiving import PART_BYTES, UploadLimits, Uploads
from lamplight_chassis.clock import new_id, utc_now
from tests.services import a_database


async def main(url: str, folder: str, upload_id: str) -> None:
    """Receive one upload from the standard input, which never ends."""
    async with a_database(url) as database:
        darkroom = Darkroom(limits=PhotoLimits())
        objects = Objects.in_folder(Path(folder))
        album = Album(database=database, objects=objects, darkroom=darkroom, now=utc_now)
        uploads = Uploads(database=database, album=album, limits=UploadLimits(), now=utc_now, new_id=new_id)
        await uploads.append(UUID(upload_id), _parts(), offset=0, declared=None)


async def _parts() -> AsyncIterator[bytes]:
    while data := await asyncio.to_thread(sys.stdin.buffer.read, PART_BYTES):
        yield data
        sys.stdout.write("kept\n")  # asked for the next part: the one before was kept
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
