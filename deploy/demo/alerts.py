"""Which alerts come out of notify's event stream, and how is it listened to across a lost connection?"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

import aiohttp

from deploy.demo.calls import Caller
from deploy.demo.language import Language, Wording
from dispatch.units import UnitTable

ADDRESSEES: Mapping[str, Wording] = {
    "command_centre": Wording("指挥中心", "Command centre"),
    "report": Wording("上报人", "Reporter"),
}

RECONNECT_S = 0.3
STREAM_TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=5.0)


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert as the stream tells it; `position` is where to continue after it."""

    position: int
    case_id: str
    recipient: str
    kind: str
    text: Wording

    def line(self, language: Language) -> str:
        """What it says, to whom."""
        return f"{addressee(self.recipient).of(language)} · {self.text.of(language)}"


class EventReader:
    """Puts the lines of a Server-Sent Events stream together; https://html.spec.whatwg.org/#parsing-an-event-stream."""

    def __init__(self) -> None:
        self._data: list[str] = []

    def feed(self, line: str) -> Iterator[Alert]:
        """Take one line without its end; gives an alert when the line completes one."""
        if line.startswith("data:"):
            self._data.append(line.removeprefix("data:").removeprefix(" "))
        elif not line and self._data:
            yield _read_alert("\n".join(self._data))
            self._data.clear()


async def alerts_after(caller: Caller, position: int) -> AsyncGenerator[Alert, None]:
    """One connection's alerts after a position; ends when the connection does."""
    reader = EventReader()
    address = f"{caller.addresses['notify']}/v1/stream"
    headers = {"Last-Event-ID": str(position)}
    async with caller.session.get(address, headers=headers, timeout=STREAM_TIMEOUT) as answer:
        async for line in answer.content:
            for alert in reader.feed(line.decode().rstrip("\r\n")):
                yield alert


async def listen(caller: Caller, position: int, on_alert: Callable[[Alert], None]) -> None:
    """Hand on every alert after a position once, until cancelled."""
    while True:
        with suppress(aiohttp.ClientError, TimeoutError):
            async for alert in alerts_after(caller, position):
                position = alert.position
                on_alert(alert)
        await asyncio.sleep(RECONNECT_S)


def addressee(recipient: str) -> Wording:
    """A recipient in words: a unit by its name, a report's follower as the one who reported it."""
    kind, _, name = recipient.partition(":")
    unit = _units().by_id.get(name)
    if unit is not None:
        return Wording(unit.name_zh, unit.name_en)
    return ADDRESSEES.get(kind, Wording(recipient, recipient))


@cache
def _units() -> UnitTable:
    return UnitTable.load()


def _read_alert(data: str) -> Alert:
    found = json.loads(data)
    return Alert(
        position=found["position"],
        case_id=found["case_id"],
        recipient=found["recipient"],
        kind=found["kind"],
        text=Wording(found["text_zh"], found["text_en"]),
    )
