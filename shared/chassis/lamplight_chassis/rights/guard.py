"""Who gets through to the routes of an app, whether the framework or the fast lane answers them?"""

from __future__ import annotations

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from lamplight_chassis.problems import STATUS_OF_REASON
from lamplight_chassis.rights.caller import CALLER_KEY
from lamplight_chassis.rights.callers import Callers
from lamplight_chassis.rights.metrics import RightsMetrics
from lamplight_chassis.rights.refusals import IssuerAway, Refused, answer_refusal
from lamplight_chassis.rights.rules import Rules

log = structlog.get_logger()


class Guard:
    """Plain ASGI middleware: finds the caller and the rule, and lets the two through or answers by itself.

    What no endpoint answers goes on, for the framework's 404 and 405.
    """

    def __init__(self, app: ASGIApp, *, rules: Rules, callers: Callers, metrics: RightsMetrics, realm: str) -> None:
        self._app = app
        self._rules = rules
        self._callers = callers
        self._metrics = metrics
        self._realm = realm

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        rule = self._rules.find(scope)
        try:
            scope[CALLER_KEY] = caller = await self._callers.identify(scope["headers"])
            if rule is not None:
                rule.judge(caller, scope)
        except (Refused, IssuerAway) as refusal:
            if rule is not None:
                scope["route"] = rule.route  # the refusal is counted with the route's other answers
            self._tell(refusal, rule.route.path if rule else "unknown")
            await answer_refusal(refusal, realm=self._realm)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _tell(self, refusal: Refused | IssuerAway, route: str) -> None:
        reason = refusal.reason if isinstance(refusal, Refused) else "issuer_away"
        self._metrics.refused.labels(reason).inc()
        if STATUS_OF_REASON.get(reason) == 403:  # somebody known wants too much; strangers would only fill the log
            log.info("rights.refused", reason=reason, route=route)
