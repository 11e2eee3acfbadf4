"""When is everything that was begun at its end?"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from deploy.city import City
from tests.chaos.books import last_position, outbox_rows, pending_deliveries
from tests.chaos.listener import Listener
from tests.chaos.tapes import read_lag

LOOK_EVERY_S = 1.0
LOOKS_IN_A_ROW = 2


async def wait_until_quiet(city: City, listeners: Sequence[Listener], *, timeout_s: float) -> Sequence[str]:
    """Return when nothing has been on its way twice in a row, or what still is after `timeout_s`."""
    deadline_s = time.monotonic() + timeout_s
    quiet_looks = 0
    while True:
        busy = await _what_is_on_its_way(city, listeners)
        quiet_looks = 0 if busy else quiet_looks + 1
        if quiet_looks == LOOKS_IN_A_ROW or time.monotonic() > deadline_s:
            return busy
        await asyncio.sleep(LOOK_EVERY_S)


async def _what_is_on_its_way(city: City, listeners: Sequence[Listener]) -> list[str]:
    lag = await read_lag(city.stack.bootstrap_servers)
    made = await last_position(city)
    return [
        *(
            f"{service} has {count} events in its outbox"
            for service, count in (await outbox_rows(city)).items()
            if count
        ),
        *(f"{count} records wait for {place}" for place, count in lag.items() if count),
        *(f"{count} deliveries are not over" for count in [await pending_deliveries(city)] if count),
        *(f"a listener stands at {listener.last} of {made}" for listener in listeners if listener.last < made),
    ]
