"""How does a service write its log, without ever writing down a person?"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from lamplight_chassis.trail import add_correlation

MASK = "***"
MAX_TEXT = 10_000

SENSITIVE_FIELDS = frozenset(
    {"authorization", "api_key", "password", "secret", "token", "phone", "email", "address", "name", "description"}
)
# Chinese mobile numbers, 18-digit identity numbers, mail addresses, and credentials inside an address.
SENSITIVE_TEXT = re.compile(
    r"(?<!\d)1[3-9]\d{9}(?!\d)"
    r"|(?<!\d)\d{17}[\dXx](?!\d)"
    r"|(?<![A-Za-z0-9._+-])[A-Za-z0-9._+-]{1,64}@[\w-]+\.[\w.-]+"
    r"|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"
)


def redact(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Mask what could name a person, in field names and inside any text."""
    return {name: _redacted(name, value) for name, value in event.items()}


def _redacted(name: str, value: Any) -> Any:
    if name.lower() in SENSITIVE_FIELDS:
        return MASK
    if isinstance(value, str):
        return SENSITIVE_TEXT.sub(MASK, value[:MAX_TEXT])
    if isinstance(value, dict):
        return {key: _redacted(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_redacted("", inner) for inner in value]
    return value


def configure_logs(*, service: str, instance: str, level: str) -> None:
    """Write one JSON object per line to standard output, the standard library's warnings included."""
    processors: list[Any] = [
        structlog.contextvars.merge_contextvars,
        add_correlation,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _with(service=service, instance=instance),
        redact,
    ]
    structlog.configure(
        processors=[*processors, structlog.processors.JSONRenderer(ensure_ascii=False)],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=processors,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(logging.WARNING, logging.getLevelNamesMapping()[level]))
    # While Kafka is away its client writes a hundred errors a second; readiness and the relay say why, once.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)


def _with(**fields: str) -> Any:
    def add(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        return {**fields, **event}

    return add
