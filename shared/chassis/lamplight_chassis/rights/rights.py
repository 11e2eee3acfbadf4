"""How are the rights of one instance put together?"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog
from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from starlette.requests import Request
from starlette.types import ASGIApp

from lamplight_chassis.clock import Clock
from lamplight_chassis.lane import bare_routes
from lamplight_chassis.rights.caller import CALLER_KEY, Caller
from lamplight_chassis.rights.callers import Callers, Headers
from lamplight_chassis.rights.guard import Guard
from lamplight_chassis.rights.issuer_keys import IssuerKeys
from lamplight_chassis.rights.key_file import KeyFile
from lamplight_chassis.rights.matrix import Matrix
from lamplight_chassis.rights.metrics import RightsMetrics
from lamplight_chassis.rights.openapi import document_rights
from lamplight_chassis.rights.rules import Rules
from lamplight_chassis.rights.settings import RightsSettings
from lamplight_chassis.rights.tokens import Tokens

log = structlog.get_logger()


class Trusting(Callers):
    """Where rights are open: everybody is one caller with every role, whatever credentials say."""

    def __init__(self, everybody: Caller) -> None:
        super().__init__(None, None)
        self._everybody = everybody

    async def identify(self, headers: Headers) -> Caller:  # noqa: ARG002 - nobody is asked
        return self._everybody

    def of_key(self, text: str) -> Caller:  # noqa: ARG002 - nobody is asked
        return self._everybody


class Rights:
    """Decides who may call what; nothing is connected before `run`.

    Arguments:
        realm: the name of the service, for challenges.

    Raises:
        TableError: the key file cannot be used.
    """

    def __init__(
        self, settings: RightsSettings, *, matrix: Matrix, registry: CollectorRegistry, now: Clock, realm: str
    ) -> None:
        self._settings = settings
        self._matrix = matrix
        self._realm = realm
        self._metrics = RightsMetrics(registry)
        self._metrics.is_open.set(settings.mode == "open")
        self._issuer_keys = self._make_issuer_keys()
        self._key_file = self._read_key_file(now)
        self._callers = self._make_callers(now)
        self._unheeded: Sequence[str] = ()

    def around(self, app: FastAPI, inner: ASGIApp) -> ASGIApp:
        """Put the guard around what answers the routes of `app`, and the rights into its OpenAPI document.

        Raises:
            TableError: an endpoint without a row in the matrix, or a row without an endpoint.
        """
        # In the order in which they are asked: the lane goes before the framework.
        rules = Rules(self._matrix, [*bare_routes(app), *app.routes])
        self._unheeded = rules.unheeded
        document_rights(app, self._matrix)
        return Guard(inner, rules=rules, callers=self._callers, metrics=self._metrics, realm=self._realm)

    def caller_of_key(self, request: Request, api_key: str) -> Caller:
        """The caller of a key that stands in a form or a query, from now on the caller of the request.

        The guard has let the request through without it: the route asks for the role, `caller.must_have(...)`.

        Raises:
            Refused: credentials_invalid or credentials_expired.
        """
        request.scope[CALLER_KEY] = caller = self._callers.of_key(api_key)
        return caller

    async def run(self) -> None:
        """Keep the issuer's keys and the key file fresh, for ever."""
        self._tell()
        tasks = [keeper.run() for keeper in (self._issuer_keys, self._key_file) if keeper is not None]
        await asyncio.gather(*tasks, asyncio.Event().wait())

    def _tell(self) -> None:
        settings = self._settings
        if settings.mode == "open":
            log.warning("rights.open", meaning="everybody who reaches this port may do everything")
            return
        log.info("rights.enforced", issuer=settings.issuer, key_file=str(settings.key_file))
        if self._issuer_keys is None and self._key_file is None:
            log.warning("rights.nobody_can_sign_in", missing="RIGHTS_ISSUER or RIGHTS_KEY_FILE")
        if self._unheeded:
            log.warning("rights.scopes_unheeded", endpoints=self._unheeded)

    def _make_issuer_keys(self) -> IssuerKeys | None:
        settings = self._settings
        if settings.mode == "open" or settings.issuer is None:
            return None
        return IssuerKeys(
            issuer=settings.issuer,
            jwks_url=settings.jwks_url,
            refresh_s=settings.jwks_refresh_s,
            retry_s=settings.jwks_retry_s,
            keep_s=settings.jwks_keep_s,
            metrics=self._metrics,
        )

    def _read_key_file(self, now: Clock) -> KeyFile | None:
        settings = self._settings
        if settings.mode == "open" or settings.key_file is None:
            return None
        return KeyFile(settings.key_file, vocabulary=self._matrix.vocabulary, metrics=self._metrics, now=now)

    def _make_callers(self, now: Clock) -> Callers:
        if self._settings.mode == "open":
            return Trusting(Caller("everybody", self._matrix.vocabulary.roles, is_trusted=True))
        return Callers(self._make_tokens(now), self._key_file)

    def _make_tokens(self, now: Clock) -> Tokens | None:
        if self._issuer_keys is None:
            return None
        return Tokens(self._settings, keys=self._issuer_keys, vocabulary=self._matrix.vocabulary, now=now)
