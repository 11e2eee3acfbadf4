"""What do the reporters of a chaos run tell, and how is each report recognised in the book?"""

from __future__ import annotations

import random
from datetime import UTC, datetime
from uuid import UUID

from deploy.world.report_body import ReportBody, report_body
from deploy.world.suzhou import patrol_spots
from lamplight_events.vocabulary import Outcome, Source

OUTCOMES = (Outcome.PERSUADED, Outcome.REFUSED, Outcome.REFUSED, None)
BY_RESIDENTS = 0.4
MARK = ": "


def random_report(key: str, dice: random.Random) -> ReportBody:
    """A report at one of the patrol spots; its description begins with the key that it is sent under."""
    spot = dice.choice(tuple(patrol_spots().values()))
    is_resident = dice.random() < BY_RESIDENTS
    return report_body(
        client_uuid=UUID(int=dice.getrandbits(128), version=4),
        source=Source.RESIDENT_WEB if is_resident else Source.PATROL,
        category=dice.choice(spot.categories),
        point=(spot.longitude_deg, spot.latitude_deg),
        description=f"{key}{MARK}{spot.name_zh}",
        observed_at=datetime.now(UTC),
        outcome=None if is_resident else dice.choice(OUTCOMES),
        reporter_ref=spot.team_id,
    )


def key_in(description: str) -> str:
    """The key that a stored description begins with."""
    return description.partition(MARK)[0]
