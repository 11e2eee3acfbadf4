"""What can be told to the three services and asked of them over HTTP?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import aiohttp

from deploy.demo.figures import Figures, read_figures
from deploy.local.failure import CannotRun

PATIENCE_S = 20.0
"""How long a service may be away or behind before the demo gives up."""
PAUSE_S = 0.1
TIMEOUT = aiohttp.ClientTimeout(total=10.0)
PAGE_CASES = 200

GOOD = frozenset({200, 202})
NOT_YET = frozenset({404, 409, 503})
"""Not there yet, not in that state yet, or not able to right now: worth another try."""

Json = dict[str, Any]


class CityApi:
    """The services' addresses by name, and one connection pool to them all."""

    def __init__(self, session: aiohttp.ClientSession, addresses: Mapping[str, str]) -> None:
        self.session = session
        self.addresses = addresses

    async def submit_report(self, body: Mapping[str, Any], *, correlation_id: str) -> Json:
        """Tell intake of a report; answers its `report_id` and `case_id`."""
        return await self._insist("POST", "intake", "/v1/reports", body, correlation_id)

    async def give_order(self, case_id: str, order: str, body: Mapping[str, Any], *, correlation_id: str) -> Json:
        """Accept, resolve or close a case; answers where it stands then."""
        return await self._insist("POST", "dispatch", f"/v1/cases/{case_id}/{order}", body, correlation_id)

    async def await_case(self, case_id: str) -> Json:
        """A case, as soon as dispatch has opened it."""
        return await self._insist("GET", "dispatch", f"/v1/cases/{case_id}")

    async def report(self, report_id: str) -> Json:
        """What intake shows to the reporter."""
        return await self._insist("GET", "intake", f"/v1/reports/{report_id}")

    async def cases_since(self, reported_from: str) -> list[Json]:
        """All cases that were reported since a time (RFC 3339), newest first."""
        return [case async for case in self._pages(reported_from)]

    async def newest_alert_position(self) -> int:
        """Where notify's stream of alerts stands now."""
        alerts = (await self._insist("GET", "notify", "/v1/alerts?limit=1"))["alerts"]
        return int(alerts[0]["position"]) if alerts else 0

    async def figures(self, service: str) -> Figures:
        """A service's metrics; none when it does not answer."""
        try:
            async with self.session.get(f"{self.addresses[service]}/metrics", timeout=TIMEOUT) as answer:
                return read_figures(await answer.text()) if answer.status in GOOD else Figures()
        except (aiohttp.ClientError, TimeoutError):
            return Figures()

    async def is_ready(self, service: str) -> bool:
        """Whether a service says that it can do all of its work."""
        try:
            async with self.session.get(f"{self.addresses[service]}/ready", timeout=TIMEOUT) as answer:
                return answer.status in GOOD
        except (aiohttp.ClientError, TimeoutError):
            return False

    async def _pages(self, reported_from: str) -> AsyncIterator[Json]:
        cursor: str | None = ""
        while cursor is not None:
            asked = {"reported_from": reported_from, "limit": str(PAGE_CASES)} | ({"cursor": cursor} if cursor else {})
            page = await self._insist("GET", "dispatch", "/v1/cases", query=asked)
            for case in page["cases"]:
                yield case
            cursor = page["next_cursor"]

    async def _insist(
        self,
        method: str,
        service: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        correlation_id: str | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Json:
        """Ask until the answer is good; the idempotency key makes a request that is sent again harmless."""
        headers = {"X-Correlation-Id": correlation_id, "Idempotency-Key": correlation_id} if correlation_id else {}
        deadline_s = asyncio.get_running_loop().time() + PATIENCE_S
        while True:
            status, content = await self._ask(method, service, path, body, headers, query)
            if status in GOOD:
                return content
            if status not in NOT_YET or asyncio.get_running_loop().time() > deadline_s:
                raise CannotRun(f"{service} answered {method} {path} with {status or 'nothing'}: {content}")
            await asyncio.sleep(PAUSE_S)

    async def _ask(
        self,
        method: str,
        service: str,
        path: str,
        body: Mapping[str, Any] | None,
        headers: Mapping[str, str],
        query: Mapping[str, str] | None,
    ) -> tuple[int, Json]:
        url = f"{self.addresses[service]}{path}"
        try:
            async with self.session.request(
                method, url, json=body, headers=headers, params=query, timeout=TIMEOUT
            ) as answer:
                return answer.status, await answer.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            return NOT_YET_REACHED, {"detail": str(error) or type(error).__name__}
