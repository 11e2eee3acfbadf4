"""Who is restricted to some streets, categories or units: what of a case may they see and order?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from uuid import UUID

import pytest

from deploy.issuer.issuer import Issuer
from deploy.issuer.server import running_issuer
from lamplight_chassis.clock import utc_now
from lamplight_chassis.rights.settings import RightsSettings
from lamplight_events.vocabulary import CaseState
from tests.asgi import Api
from tests.dispatch.builders import steps_to, store_case
from tests.services import a_database, an_app

ACCEPT = {"actor": "squadron"}
CASE = steps_to(CaseState.DISPATCHED)[-1].case
OWN = {"unit_id": [str(CASE.unit_id)]}


@pytest.fixture
async def issuer(tmp_path: Path) -> AsyncIterator[Issuer]:
    async with running_issuer(tmp_path / "issuer") as issuer:
        yield issuer


@pytest.fixture
def url(new_database: Callable[[str], str]) -> str:
    return new_database("dispatch")


@pytest.fixture
async def api(url: str, issuer: Issuer) -> AsyncIterator[Api]:
    rights = RightsSettings(issuer=issuer.url, audience=issuer.audience)
    async with an_app("dispatch", url, now=utc_now, rights=rights) as api:
        yield api


@pytest.fixture
async def case_id(url: str) -> UUID:
    async with a_database(url) as database:
        return await store_case(database, steps_to(CaseState.DISPATCHED))


def signed(issuer: Issuer, role: str, **scopes: list[str]) -> dict[str, str]:
    return {"Authorization": f"Bearer {issuer.token('somebody', roles=[role], scopes=scopes)}"}


async def test_the_unit_that_has_a_case_accepts_it(api: Api, issuer: Issuer, case_id: UUID) -> None:
    answer = await api.post(f"/v1/cases/{case_id}/accept", ACCEPT, signed(issuer, "squad", **OWN))

    assert (answer.status, answer.json()["state"]) == (200, "handling")


@pytest.mark.parametrize(
    "scopes",
    [
        {"unit_id": ["squadron_of_another_street"]},
        {**OWN, "zone": ["320509001"]},
        {**OWN, "category": ["manhole"]},
    ],
    ids=["another unit", "another street", "another category"],
)
async def test_nobody_else_moves_the_case(
    api: Api, issuer: Issuer, case_id: UUID, scopes: dict[str, list[str]]
) -> None:
    answer = await api.post(f"/v1/cases/{case_id}/accept", ACCEPT, signed(issuer, "squad", **scopes))

    shown = await api.get(f"/v1/cases/{case_id}", signed(issuer, "operator"))
    assert (answer.status, answer.problem) == (403, "out_of_scope")
    assert shown.json()["state"] == "dispatched"


@pytest.mark.parametrize("path", ["", "/history"])
@pytest.mark.parametrize(
    ("scopes", "status"), [({"zone": [CASE.zone]}, 200), ({"zone": ["320509001"]}, 403), ({}, 200)]
)
async def test_a_case_is_shown_to_those_whose_street_it_is_in(
    api: Api, issuer: Issuer, case_id: UUID, path: str, scopes: dict[str, list[str]], status: int
) -> None:
    answer = await api.get(f"/v1/cases/{case_id}{path}", signed(issuer, "operator", **scopes))

    assert answer.status == status


async def test_a_stranger_is_told_to_sign_in(api: Api, case_id: UUID) -> None:
    answer = await api.post(f"/v1/cases/{case_id}/accept", ACCEPT)

    assert (answer.status, answer.problem) == (401, "credentials_missing")
    assert answer.headers["www-authenticate"].startswith("Bearer")
