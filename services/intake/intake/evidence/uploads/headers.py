"""What do the headers of a resumable upload say (tus 1.0, https://tus.io/protocols/resumable-upload)?"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime

from lamplight_chassis.errors import Rejected

VERSION = "1.0.0"
EXTENSIONS = "creation,expiration,termination"
PART_TYPE = "application/offset+octet-stream"
MAX_METADATA_LENGTH = 4096

_NUMBER = re.compile(r"[0-9]{1,15}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


def check_version(headers: Mapping[str, str]) -> None:
    """Every request says which version of the protocol it speaks.

    Raises:
        Rejected: `tus_version`.
    """
    if headers.get("tus-resumable") != VERSION:
        raise Rejected("tus_version", f"Tus-Resumable: must be {VERSION}")


def length_of(headers: Mapping[str, str], *, max_bytes: int) -> int:
    """How many bytes an upload will have.

    Raises:
        Rejected: the length is missing, left open, nothing, or more than a photo may have.
    """
    if "upload-defer-length" in headers:
        raise Rejected("upload_length", "Upload-Defer-Length: is not supported, give Upload-Length")
    length = _number(headers, "Upload-Length", reason="upload_length")
    if length == 0:
        raise Rejected("photo_empty", "Upload-Length: must be at least 1")
    if length > max_bytes:
        raise Rejected("photo_too_large", f"Upload-Length: is {length}, at most {max_bytes} are allowed")
    return length


def offset_of(headers: Mapping[str, str]) -> int:
    """From which byte on a part continues.

    Raises:
        Rejected: it does not say so, or is not sent as a part.
    """
    if headers.get("content-type", "").partition(";")[0].strip().lower() != PART_TYPE:
        raise Rejected("upload_content_type", f"Content-Type: must be {PART_TYPE}")
    return _number(headers, "Upload-Offset", reason="upload_offset")


def expected_sha256(headers: Mapping[str, str]) -> str | None:
    """The checksum of the whole that `Upload-Metadata` may carry: the key `sha256` with its 64 digits, in base64.

    Everything else in it (names, types) is what the sender says of the file, and counts for nothing here.

    Raises:
        Rejected: the metadata is not in the form of the protocol, or the checksum is none.
    """
    text = headers.get("upload-metadata", "")
    if len(text) > MAX_METADATA_LENGTH:
        raise Rejected("upload_metadata", f"Upload-Metadata: must have at most {MAX_METADATA_LENGTH} characters")
    values = dict(_metadata_item(item) for item in text.split(",") if item.strip())
    if "sha256" not in values:
        return None
    digits = values["sha256"].decode("ascii", "replace").lower()
    if not _SHA256.fullmatch(digits):
        raise Rejected("upload_metadata", "Upload-Metadata: sha256 must be 64 hexadecimal digits, in base64")
    return digits


def http_time(moment: datetime) -> str:
    """A moment as HTTP writes it."""
    return format_datetime(moment, usegmt=True)


def _metadata_item(item: str) -> tuple[str, bytes]:
    key, _, value = item.strip().partition(" ")
    try:
        return key, base64.b64decode(value.strip(), validate=True)
    except (binascii.Error, ValueError):
        raise Rejected("upload_metadata", f"Upload-Metadata: the value of {key[:64]!r} must be base64") from None


def _number(headers: Mapping[str, str], name: str, *, reason: str) -> int:
    text = headers.get(name.lower(), "")
    if not _NUMBER.fullmatch(text):
        raise Rejected(reason, f"{name}: must be a whole number from 0 on")
    return int(text)
