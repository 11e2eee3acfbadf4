"""What do the live tests share: a city of real processes, started by the first test that asks for it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.city import SERVICES, City, Instance, start_city
from deploy.local.progress import silent, timed_lines

DATA = Path(__file__).parents[2] / "build" / "live-data"
# Kafka's shortest: a member that was killed gives its partitions up after this time.
QUICK = {"CONSUMER_SESSION_TIMEOUT_MS": "6000"}


@pytest.fixture(scope="session")
def running_city() -> Iterator[City]:
    shutil.rmtree(DATA, ignore_errors=True)
    say = timed_lines(sys.__stderr__) if sys.__stderr__ else silent
    with start_city(DATA, environment=QUICK, say=say) as city:
        yield city


@pytest.fixture
def city(running_city: City) -> Iterator[City]:
    """The city with one instance of each service; whatever a test killed is started again."""
    yield running_city
    if running_city.stack.kafka_pid is None:
        running_city.stack.start_kafka()
    if running_city.stack.postgres_pid is None:
        running_city.stack.start_postgres()
    for instance in running_city.instances:
        if instance.number > 1:
            running_city.stop_instance(instance)
    for service in SERVICES:
        if running_city.pid(Instance(service, 1)) is None:
            running_city.start_instance(Instance(service, 1))
