"""What do the three services look like from inside, once their own wiring has built them?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from fastapi import FastAPI
from faststream.kafka import KafkaBroker
from faststream.specification.asyncapi import AsyncAPI
from prometheus_client import CollectorRegistry

import dispatch.app
import dispatch.settings
import intake.app
import intake.settings
import notify.app
import notify.settings
from lamplight_chassis.service import Service
from lamplight_chassis.settings import ServiceSettings

BOOTSTRAP_SERVERS = "127.0.0.1:9092"

Settings = TypeVar("Settings", bound=ServiceSettings)


@dataclass(frozen=True, slots=True)
class RunningService:
    """One service as `create_app` wires it, with nothing connected."""

    name: str
    app: FastAPI
    broker: KafkaBroker
    registry: CollectorRegistry

    def topics_read(self) -> Sequence[str]:
        """The topics that its consumers subscribe to, as FastStream describes them."""
        channels = AsyncAPI(self.broker).to_specification().to_jsonable()["channels"]
        return sorted(channel["address"] for channel in channels.values())


def running_services() -> Sequence[RunningService]:
    """All services, in the order of a report's path."""
    return (
        _running(intake.app.create_app(_settings(intake.settings.Settings))),
        _running(dispatch.app.create_app(_settings(dispatch.settings.Settings))),
        _running(notify.app.create_app(_settings(notify.settings.Settings))),
    )


def _running(app: FastAPI) -> RunningService:
    service: Service = app.state.service
    return RunningService(service.name, app, service.broker, service.metrics.registry)


def _settings(settings: type[Settings]) -> Settings:
    """Settings that do not depend on the machine or its environment."""
    return settings(
        kafka_bootstrap_servers=BOOTSTRAP_SERVERS, database_url="postgresql://127.0.0.1/any", instance_id="documents"
    )
