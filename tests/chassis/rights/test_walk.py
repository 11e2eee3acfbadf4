"""Does each service let each role do exactly what its matrix says, and does the walk find who does not?"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from prometheus_client import CollectorRegistry

import dispatch
import intake
import notify
from deploy.issuer.issuer import Issuer
from deploy.issuer.server import running_issuer
from lamplight_chassis.clock import utc_now
from lamplight_chassis.rights.matrix import Matrix
from lamplight_chassis.rights.rights import Rights
from lamplight_chassis.rights.settings import RightsSettings
from lamplight_chassis.rights.table import TableError
from tests.chassis.rights.parts import MATRIX, Hands, an_app, some_settings, write_matrix
from tests.chassis.rights.walk import Scopes, Step, Token, endpoints, read_lines, walk
from tests.services import NOWHERE, SERVICES

MATRICES = {
    module.__name__: Path(str(module.__file__)).parent / "data" / "rights.csv" for module in (intake, dispatch, notify)
}
# The design's, with whoever gives no name.
ROLES = {
    "anonymous", "reporter", "courier", "patrol", "squad", "unit", "collector", "community", "operator", "shift_leader",
    "admin", "integration",
}  # fmt: skip


@pytest.fixture
async def issuer(tmp_path: Path) -> AsyncIterator[Issuer]:
    async with running_issuer(tmp_path / "issuer") as issuer:
        yield issuer


def tokens_of(issuer: Issuer) -> Token:
    def token(roles: Any, scopes: Scopes) -> str:
        return issuer.token("walker", roles=roles, scopes=scopes)

    return token


def guarded(service: str, settings: RightsSettings) -> FastAPI:
    """A service's app behind its matrix, with nothing connected."""
    create_app, read_settings = SERVICES[service]
    database_url = "postgresql://127.0.0.1:1/none"
    return create_app(
        read_settings(database_url=database_url, kafka_bootstrap_servers=NOWHERE, instance_id="1", rights=settings)
    )


@pytest.mark.parametrize("service", SERVICES)
async def test_each_role_may_do_exactly_what_the_matrix_says(service: str, issuer: Issuer) -> None:
    app = guarded(service, RightsSettings(issuer=issuer.url, audience=issuer.audience))

    steps = await walk(app, MATRICES[service], tokens_of(issuer))

    assert [step for step in steps if not step.is_right] == []
    assert {(step.method, step.role) for step in steps} >= {("GET", role) for role in ROLES}
    assert len(steps) >= len(endpoints(app)) * len(ROLES)


@pytest.mark.parametrize("service", SERVICES)
def test_the_matrices_speak_of_the_same_roles_and_dimensions(service: str) -> None:
    vocabulary = Matrix.load(MATRICES[service]).vocabulary

    assert vocabulary.roles == ROLES
    assert vocabulary.dimensions == {"zone", "category", "unit_id", "recipient"}


def test_an_order_of_a_case_belongs_to_the_unit_that_has_it_and_closing_to_who_checks() -> None:
    _, lines = read_lines(MATRICES["dispatch"])
    roles = {line.path.rpartition("/")[2]: dict(line.roles) for line in lines if line.method == "POST"}

    assert roles["accept"] == roles["resolve"] == {"squad": "unit_id", "unit": "unit_id"}
    assert set(roles["close"]) == {"collector", "operator", "shift_leader"}


async def walked(tmp_path: Path, hands: Hands, issuer: Issuer, *, app_says: str, book_says: str) -> list[Step]:
    """Walk an app by another matrix than its own."""
    settings = some_settings(issuer=issuer.url, audience=issuer.audience)
    app, _ = an_app(write_matrix(tmp_path, app_says), settings, now=utc_now)
    book = tmp_path / "book.csv"
    book.write_text(book_says)
    return list(await walk(app, book, tokens_of(issuer)))


async def test_a_walk_by_the_apps_own_matrix_finds_nothing_wrong(tmp_path: Path, hands: Hands, issuer: Issuer) -> None:
    steps = await walked(tmp_path, hands, issuer, app_says=MATRIX, book_says=MATRIX)

    assert [step for step in steps if not step.is_right] == []
    assert Counter(step.may for step in steps)[True] > 40
    assert {step.status for step in steps if not step.may} == {401, 403}


@pytest.mark.parametrize(
    ("row", "other", "wrong"),
    [
        ("POST,/things,maker,none", "POST,/things,looker,none", {"maker", "looker"}),
        ("POST,/things,maker,none", "POST,/things,anonymous,none", {"anonymous", "looker", "owner"}),
        ("looker,place=path:place", "looker,none", {"looker"}),
        ("maker owner:place,place=route", "maker owner,place=route", {"owner"}),
    ],
)
async def test_a_walk_finds_where_an_app_and_a_matrix_differ(
    tmp_path: Path, hands: Hands, issuer: Issuer, row: str, other: str, wrong: set[str]
) -> None:
    steps = await walked(tmp_path, hands, issuer, app_says=MATRIX.replace(row, other), book_says=MATRIX)

    assert {step.role for step in steps if not step.is_right} == wrong


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_refuses_a_matrix_with_a_hole(service: str, tmp_path: Path) -> None:
    *rows, last = MATRICES[service].read_text().splitlines()
    method, path, *_ = last.split(",")
    matrix = write_matrix(tmp_path, "\n".join(rows) + "\n")
    app = guarded(service, RightsSettings(mode="open"))
    rights = Rights(RightsSettings(mode="open"), matrix=matrix, registry=CollectorRegistry(), now=utc_now, realm="x")

    with pytest.raises(TableError, match=f"the endpoint {method} {path} has no row".replace("{", r"\{")):
        rights.around(app, app)
