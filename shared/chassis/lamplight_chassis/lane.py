"""Which routes are answered before the framework's own layers, and how?

A route that takes the bare request and answers with a response needs nothing of what the framework does around it,
which costs more than the work itself. The framework still holds such routes: for the OpenAPI document, and for every
method and path that does not fit exactly.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Receive, Scope, Send

OnFailure = Callable[[Request, Exception], Awaitable[Response]]


class FastLane:
    """Answers the bare routes of an app, and hands everything else on."""

    def __init__(self, app: ASGIApp, *, routes: Sequence[Route], on_failure: OnFailure) -> None:
        self._app = app
        self._routes = routes
        self._on_failure = on_failure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = self._find(scope) if scope["type"] == "http" else None
        if route is None:
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            response = await route.endpoint(request)
        except Exception as error:
            response = await self._on_failure(request, error)
        await response(scope, receive, send)

    def _find(self, scope: Scope) -> Route | None:
        for route in self._routes:
            match, found = route.matches(scope)
            if match is Match.FULL:
                scope.update(found)
                scope["route"] = route
                return route
        return None


def bare_routes(app: FastAPI) -> Sequence[Route]:
    """The routes of an app whose functions take the request and nothing else."""
    return [
        Route(route.path, route.endpoint, methods=list(route.methods or ()))
        for route in app.routes
        if isinstance(route, APIRoute) and _is_bare(route.dependant)
    ]


def _is_bare(dependant: Any) -> bool:
    injected = (
        dependant.path_params,
        dependant.query_params,
        dependant.header_params,
        dependant.cookie_params,
        dependant.body_params,
        dependant.dependencies,
    )
    return dependant.request_param_name is not None and not any(injected)
