"""What does a service tell, as those who read its topic will see it?"""

from __future__ import annotations

from lamplight_chassis.outbox import unpack_headers
from lamplight_events.messages import Message, read_message
from tests.builders import NOW
from tests.services import fetch


async def told(url: str) -> list[Message]:
    """What waits in the outbox of a database, in its order."""
    rows = await fetch(url, "SELECT topic, key, headers, value FROM outbox ORDER BY id")
    return [
        read_message(
            topic=row["topic"], key=row["key"], headers=unpack_headers(row["headers"]), value=row["value"], now=NOW
        )
        for row in rows
    ]
