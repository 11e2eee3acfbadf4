"""What do the vault's tests share: keys, and an app that has the vault's routes and nothing else of intake."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from intake.app import MIGRATIONS
from intake.settings import Settings
from intake.vault.keys import VaultKeys
from intake.vault.metrics import VaultMetrics
from intake.vault.routes import FORMS, vault_routes
from lamplight_chassis.clock import new_id
from lamplight_chassis.service import Service, add_routes, new_api
from tests.asgi import Api, running
from tests.builders import NOW
from tests.intake.vault.builders import some_keys
from tests.intake.vault.callers import actor_of
from tests.services import NOWHERE


@pytest.fixture
def keys() -> VaultKeys:
    return some_keys()


@pytest.fixture
async def vault(url: str, keys: VaultKeys) -> AsyncIterator[Api]:
    """A running app with the vault's routes."""
    settings = Settings(database_url=url, kafka_bootstrap_servers=NOWHERE, instance_id="1")
    service = Service(
        name="intake", settings=settings, migrations=MIGRATIONS, dead_letter_topic="grid.dead-letters", new_id=new_id
    )
    app = new_api(title="vault", description="", version="1")
    routes = vault_routes(
        database=service.database,
        keys=keys,
        actor_of=actor_of,
        metrics=VaultMetrics(service.metrics.registry),
        now=lambda: NOW,
        new_id=new_id,
    )
    add_routes(app, routes)
    async with running(service.build_app(app, forms=FORMS)) as api:
        yield api
