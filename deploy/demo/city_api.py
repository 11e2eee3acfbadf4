"""What can be told to the three services, and asked of them?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from deploy.demo.calls import Call, Caller, Json
from deploy.demo.figures import Figures, read_figures

PAGE_CASES = 200


class CityApi:
    """The calls of intake, dispatch and notify that the demo makes; each raises CannotRun as `Caller.insist` does."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def submit_report(self, body: Mapping[str, Any], *, name: str) -> Json:
        """Tell intake of a report; answers its `report_id` and `case_id`."""
        return await self._caller.insist(Call("POST", "intake", "/v1/reports", body, name=name))

    async def give_order(self, case_id: str, order: str, body: Mapping[str, Any], *, name: str) -> Json:
        """Accept, resolve or close a case; answers where it stands then."""
        return await self._caller.insist(Call("POST", "dispatch", f"/v1/cases/{case_id}/{order}", body, name=name))

    async def await_case(self, case_id: str) -> Json:
        """A case, as soon as dispatch has opened it."""
        return await self._look("dispatch", f"/v1/cases/{case_id}")

    async def cases_since(self, reported_from: str) -> list[Json]:
        """All cases that were first reported since a time (RFC 3339), newest first."""
        query = {"reported_from": reported_from, "limit": str(PAGE_CASES)}
        cases: list[Json] = []
        while True:
            page = await self._look("dispatch", "/v1/cases", query)
            cases += page["cases"]
            if page["next_cursor"] is None:
                return cases
            query = {**query, "cursor": page["next_cursor"]}

    async def report(self, report_id: str) -> Json:
        """What intake shows to a reporter."""
        return await self._look("intake", f"/v1/reports/{report_id}")

    async def newest_alert_position(self) -> int:
        """Where notify's stream of alerts stands now; 0 when there was none yet."""
        alerts = (await self._look("notify", "/v1/alerts", {"limit": "1"}))["alerts"]
        return int(alerts[0]["position"]) if alerts else 0

    async def figures(self, service: str) -> Figures:
        """A service's metrics; none when it does not answer."""
        return read_figures(await self._caller.text(service, "/metrics") or "")

    async def is_ready(self, service: str) -> bool:
        """Whether a service says that it can do all of its work."""
        return await self._caller.text(service, "/ready") is not None

    async def _look(self, service: str, path: str, query: Mapping[str, str] | None = None) -> Json:
        return await self._caller.insist(Call("GET", service, path, query=query or {}))
