"""What does one running instance of a service consist of, and in which order does it start and stop?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from fastapi import APIRouter, FastAPI
from faststream.kafka import KafkaBroker
from prometheus_client import CollectorRegistry
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.types import ASGIApp

from lamplight_chassis.bodies import document_models
from lamplight_chassis.chores import repeat
from lamplight_chassis.clock import Clock, NewId
from lamplight_chassis.consumer import Apply, BatchConsumer, Decode, IsWanted, every_record
from lamplight_chassis.database import Database, open_database
from lamplight_chassis.forms import Form
from lamplight_chassis.group_commit import GroupCommit
from lamplight_chassis.health import health_routes
from lamplight_chassis.housekeeping import look_at_queues, prune
from lamplight_chassis.http import AroundRequests
from lamplight_chassis.kafka import create_broker, start_producer, subscribe
from lamplight_chassis.lane import FastLane, bare_routes
from lamplight_chassis.metrics import ChassisMetrics
from lamplight_chassis.problems import Problem, add_problem_handlers, answer_failure
from lamplight_chassis.progress import LOOK_EVERY_S, Progress
from lamplight_chassis.relay import Relay
from lamplight_chassis.rights.matrix import Matrix
from lamplight_chassis.rights.rights import Rights
from lamplight_chassis.schema import pending_revision
from lamplight_chassis.settings import ServiceSettings
from lamplight_chassis.stopping import Close, close_all, within_limit
from lamplight_chassis.watchdog import BEATS

log = structlog.get_logger()

KAFKA_RETRY_S = 1.0
PRUNE_EVERY_S = 60.0


class Service:
    """The plumbing of one instance: a database, a relay, consumers, background work, and their health."""

    def __init__(
        self, *, name: str, settings: ServiceSettings, migrations: Path, dead_letter_topic: str, new_id: NewId
    ) -> None:
        self.name = name
        self.settings = settings
        self.metrics = ChassisMetrics(CollectorRegistry())
        self.broker: KafkaBroker = create_broker(settings, name=name)
        self.relay = Relay(
            name=name,
            dsn=settings.asyncpg_dsn,
            dead_letter_topic=dead_letter_topic,
            start_producer=partial(start_producer, settings, name=name),
            metrics=self.metrics,
        )
        self.database: Database = open_database(settings, application_name=name, on_events=self.relay.wake)
        self._migrations = migrations
        self._dead_letter_topic = dead_letter_topic
        self._new_id = new_id
        self._progress: list[Progress] = []
        self._groups: list[GroupCommit[Any, Any]] = []
        self._background: list[Callable[[], Coroutine[Any, Any, None]]] = []
        self._closing: list[Close] = []
        self._endless: list[asyncio.Task[None]] = []
        self.pulse = 0
        self._kafka_trouble: str | None = "the consumers have not started yet"
        self._schema_trouble: str | None = "the database has not been looked at yet"

    def consume(
        self, topic: str, *, decode: Decode[Any], apply: Apply[Any], is_wanted: IsWanted = every_record
    ) -> None:
        """Read `topic` with this service as the group."""
        progress = Progress(topic=topic, stall_s=self.settings.consumer_stall_s, metrics=self.metrics)
        consumer = BatchConsumer(
            topic=topic,
            group=self.name,
            dead_letter_topic=self._dead_letter_topic,
            decode=decode,
            apply=apply,
            database=self.database,
            metrics=self.metrics,
            progress=progress,
            is_wanted=is_wanted,
        )
        self._progress.append(progress)
        subscribe(
            self.broker,
            self.settings,
            name=self.name,
            topic=topic,
            handle=consumer.consume,
            on_unreadable=consumer.park_unreadable,
        )

    def add_group(self, group: GroupCommit[Any, Any]) -> None:
        """Serve a queue of requests; at the end it is emptied before the database closes."""
        self._groups.append(group)

    def add_background(self, run: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run something for as long as the instance lives; it is cancelled at the end."""
        self._background.append(run)

    def add_chore(self, act: Callable[[], Awaitable[None]], *, every_s: float) -> None:
        """Do something again and again; a failure is logged, and the next time comes."""
        self._background.append(partial(repeat, act, every_s=every_s))

    def add_closing(self, close: Close) -> None:
        """Give something back at the end, when nothing that uses it runs any more; the last added is closed first."""
        self._closing.append(close)

    def read_rights(self, matrix: Path, *, now: Clock) -> Rights:
        """Who may call what here, by the settings and a file with a row for each endpoint.

        Raises:
            TableError: a mistake in the file, with its line and field.
        """
        return Rights(
            self.settings.rights,
            matrix=Matrix.load(matrix),
            registry=self.metrics.registry,
            now=now,
            realm=self.name,
        )

    def build_app(self, app: FastAPI, *, forms: Sequence[type[Form]] = (), rights: Rights | None = None) -> FastAPI:
        """Finish an app that has its own routes: health, problems, metrics, and this service's lifespan.

        `forms` are the bodies that its routes read by themselves, for the OpenAPI document; without `rights` everybody
        may call everything.
        """
        health = health_routes(liveness=self._liveness, readiness=self._readiness, registry=self.metrics.registry)
        add_routes(app, health)
        add_problem_handlers(app)
        document_models(app, (*forms, Problem))
        framework = app.build_middleware_stack()
        if isinstance(framework, ServerErrorMiddleware):  # its outermost layer answers failures in plain text
            framework = framework.app
        answering: ASGIApp = FastLane(framework, routes=bare_routes(app), on_failure=answer_failure)
        if rights is not None:
            answering = rights.around(app, answering)
            self.add_background(rights.run)
        app.middleware_stack = AroundRequests(
            answering, metrics=self.metrics, new_id=self._new_id, on_failure=answer_failure
        )
        app.router.lifespan_context = self._lifespan
        app.state.service = self
        return app

    @asynccontextmanager
    async def _lifespan(self, _: FastAPI) -> AsyncIterator[None]:
        relaying = asyncio.create_task(self.relay.run(), name="relay")
        serving = [asyncio.create_task(group.run(), name="group commit") for group in self._groups]
        running = [asyncio.create_task(run(), name="background") for run in (*self._every(), *self._background)]
        self._endless = [relaying, *serving, *running]
        running.append(asyncio.create_task(self._consume()))
        log.info("service.started", service=self.name)
        yield
        for task in running:
            task.cancel()
        await within_limit(asyncio.gather(*running, return_exceptions=True))
        await within_limit(self.broker.stop())
        for group in self._groups:
            group.stop()
        await within_limit(asyncio.gather(*serving, return_exceptions=True))
        self.relay.stop()
        await within_limit(relaying)
        await close_all(self._closing)
        await self.database.close()
        log.info("service.stopped", service=self.name)

    async def _consume(self) -> None:
        """Start the consumers as soon as Kafka answers; the service lives on without it."""
        while True:
            try:
                await self.broker.start()
            except Exception as error:
                self._kafka_trouble = f"Kafka cannot be reached: {type(error).__name__}: {error}"
                with suppress(Exception):  # a broker that never started may fail to stop: the next start tells
                    await self.broker.stop()
                await asyncio.sleep(KAFKA_RETRY_S)
            else:
                self._kafka_trouble = None
                return

    def _every(self) -> Sequence[Callable[[], Coroutine[Any, Any, None]]]:
        settings = self.settings
        keep = {"inbox": settings.inbox_keep_days, "idempotency": settings.idempotency_keep_days}
        return (
            partial(repeat, self._watch, every_s=LOOK_EVERY_S),
            partial(repeat, self._beat, every_s=settings.stuck_exit_s / BEATS),
            partial(repeat, partial(look_at_queues, self.database, self.metrics), every_s=LOOK_EVERY_S),
            partial(repeat, partial(prune, self.database, keep), every_s=PRUNE_EVERY_S),
        )

    async def _watch(self) -> None:
        pending = await pending_revision(self.database, self._migrations)
        self._schema_trouble = f"the database lacks revision {pending}: run the migrate command" if pending else None
        if self._kafka_trouble is not None:
            return
        for progress, subscriber in zip(self._progress, self.broker.subscribers, strict=True):
            if (consumer := getattr(subscriber, "consumer", None)) is not None:
                await progress.watch(consumer)

    async def _beat(self) -> None:
        """Let the watchdog see that this instance lives; what stands still says why, now and then."""
        if complaints := await self._liveness():
            log.error("service.unwell", reasons=complaints)
        else:
            self.pulse += 1

    async def _liveness(self) -> Sequence[str]:
        ended = [f"the {task.get_name()} task has ended" for task in self._endless if task.done()]
        return [*ended, *(stall for progress in self._progress if (stall := progress.stall))]

    async def _readiness(self) -> Sequence[str]:
        troubles = [self._kafka_trouble, self.relay.trouble, await self._database_trouble()]
        return [trouble for trouble in (*troubles, *(progress.trouble for progress in self._progress)) if trouble]

    async def _database_trouble(self) -> str | None:
        try:
            await self.database.ping()
        except Exception as error:
            return f"the database cannot be reached: {type(error).__name__}"
        return self._schema_trouble


def add_routes(app: FastAPI, router: APIRouter) -> None:
    """Put a router's routes into the app itself: including the router would add a layer to every request."""
    app.router.routes.extend(router.routes)


def new_api(*, title: str, description: str, version: str) -> FastAPI:
    """An empty API with the answers and documents that all services share."""
    # A slash too many is another path: to redirect would send the caller to whatever host its own header names.
    return FastAPI(title=title, description=description, version=version, redirect_slashes=False)
