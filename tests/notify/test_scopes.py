"""Does a listener who is restricted to some streets hear of those alone?"""

from __future__ import annotations

from pathlib import Path

from deploy.issuer.server import running_issuer
from lamplight_chassis.clock import utc_now
from lamplight_chassis.database import Database
from lamplight_chassis.rights.settings import RightsSettings
from tests.notify.builders import an_alert, store
from tests.notify.test_http import STREAM, heard, opened
from tests.services import an_app

OWN, OTHER = "320507007", "320507008"


async def test_a_listener_hears_of_their_own_streets_alone(url: str, database: Database, tmp_path: Path) -> None:
    await store(database, an_alert(zone=OTHER), mine := an_alert(zone=OWN))

    async with running_issuer(tmp_path / "issuer") as issuer:
        rights = RightsSettings(issuer=issuer.url, audience=issuer.audience)
        token = issuer.token("somebody", roles=["operator"], scopes={"zone": [OWN]})
        headers = {"Authorization": f"Bearer {token}", "Last-Event-ID": "0"}
        async with (
            an_app("notify", url, now=utc_now, rights=rights) as api,
            api.listen(STREAM, headers) as connection,
        ):
            await opened(connection)
            await store(database, an_alert(zone=OTHER), last := an_alert(zone=OWN))
            events = await heard(connection, 2)

    assert [event["data"]["id"] for event in events] == [str(mine.id), str(last.id)]
