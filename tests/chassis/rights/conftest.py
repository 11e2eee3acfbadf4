"""What do the tests of rights share: an issuer that publishes without a network, and a clock."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from fastapi import FastAPI

from deploy.issuer.issuer import Issuer
from deploy.issuer.server import running_issuer
from deploy.issuer.signing_keys import SigningKeys
from lamplight_chassis.rights.key_file import COLUMNS
from lamplight_chassis.rights.tokens import Tokens
from tests.asgi import Api
from tests.chassis.rights.parts import (
    AUDIENCE,
    ISSUER,
    KEY_HASH,
    KEY_ID,
    Hands,
    Publisher,
    an_app,
    some_settings,
    write_matrix,
)
from tests.chassis.rights.token_parts import make_tokens


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def issuer(tmp_path: Path, hands: Hands) -> Issuer:
    return Issuer(ISSUER, keys=SigningKeys(tmp_path / "issuer"), audience=AUDIENCE, now=hands.now)


@pytest.fixture
def publisher(issuer: Issuer) -> Publisher:
    return Publisher(issuer)


@pytest.fixture
async def live_issuer(tmp_path: Path, hands: Hands) -> AsyncIterator[Issuer]:
    async with running_issuer(tmp_path / "issuer", audience="words", now=hands.now) as issuer:
        yield issuer


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "keys.csv"
    path.write_text(f"{','.join(COLUMNS)}\n{KEY_ID},{KEY_HASH},hotline,maker,,,\n")
    return path


@pytest.fixture
def app(tmp_path: Path, live_issuer: Issuer, key_file: Path, hands: Hands) -> FastAPI:
    settings = some_settings(issuer=live_issuer.url, key_file=key_file)
    return an_app(write_matrix(tmp_path), settings, now=hands.now)[0]


@pytest.fixture
def api(app: FastAPI) -> Api:
    return Api(app)


@pytest.fixture
def tokens(publisher: Publisher, hands: Hands) -> Tokens:
    return make_tokens(publisher, hands)
