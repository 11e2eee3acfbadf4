"""What does a photo worker do? It reads photos from its input and answers each, until the input ends.

A process of its own, so that decoding never holds up a request, a crafted photo that breaks a decoder breaks nothing
else, and an intake to which nobody sends photos never loads the decoders.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from contextlib import suppress
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

from intake.evidence.frames import LENGTH_BYTES, photo_header, refusal_header, write_frame
from intake.evidence.photos import PhotoFormat
from intake.evidence.pictures import develop, prepare_decoders
from lamplight_chassis.errors import Rejected

MAX_MEMORY_BYTES = 1024 * 1024 * 1024
"""A photo of 12 megapixels takes 70 MB, the largest that is allowed up to 900 MB: a WebP, which is decoded whole."""

CPU_S_PER_PHOTO = 20


def main() -> None:
    """Serve the pipe."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a decoder that writes to the standard output must not do so into an answer
    with suppress(ValueError, OSError):  # not every system can limit this
        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, resource.RLIM_INFINITY))
    prepare_decoders()
    while job := _read_job(sys.stdin.buffer):
        _allow_cpu()
        answers.write(_answer(*job))
        answers.flush()


def _read_job(pipe: BinaryIO) -> tuple[dict[str, Any], bytes] | None:
    length = pipe.read(LENGTH_BYTES)
    if len(length) < LENGTH_BYTES:
        return None
    header: dict[str, Any] = json.loads(pipe.read(int.from_bytes(length, "big")))
    return header, pipe.read(header["sizes"][0])


def _answer(header: dict[str, Any], data: bytes) -> bytes:
    try:
        developed = develop(
            data, PhotoFormat(header["format"]), max_pixels=header["max_pixels"], zone=ZoneInfo(header["zone"])
        )
    except Rejected as refusal:
        return write_frame(refusal_header(refusal), ())
    return write_frame(photo_header(developed.photo), (developed.copy, developed.thumbnail))


def _allow_cpu() -> None:
    """The system ends a worker that spends more on one photo, whatever it is busy with."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit_s = int(used.ru_utime + used.ru_stime) + CPU_S_PER_PHOTO
    resource.setrlimit(resource.RLIMIT_CPU, (limit_s, resource.RLIM_INFINITY))


if __name__ == "__main__":
    main()
