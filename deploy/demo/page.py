"""How does a browser watch the demo?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from deploy.demo import words
from deploy.demo.alerts import STREAM_TIMEOUT
from deploy.demo.calls import Caller
from deploy.demo.language import STATES, Language, Wording
from deploy.demo.scene import Scene
from deploy.local.failure import CannotRun
from deploy.local.ports import HOST, is_free
from lamplight_events.catalogue import load_categories
from notify.audience import AlertKind

PAGE_PATH = Path(__file__).with_name("page.html")
STREETS_PATH = Path(str(files("intake"))) / "data" / "zones.geojson"
PORTS = range(8010, 8060)
"""Always the first free one of the same few, so that a page that was left open finds the next demo."""
STOP_WITHIN_S = 1.0


class PageServer:
    """Serves the page, the streets, the scene, and notify's alerts, all from one address of this machine."""

    def __init__(self, caller: Caller, scene: Callable[[], Scene], language: Language) -> None:
        self._caller = caller
        self._scene = scene
        self._words = page_words(language)
        self._port = next((port for port in PORTS if is_free(port)), None)
        if self._port is None:
            raise CannotRun(f"The page needs a free port from {PORTS.start} to {PORTS.stop - 1}: stop other programs.")
        self._runner = web.AppRunner(self._app(), access_log=None, shutdown_timeout=STOP_WITHIN_S)

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self._port}"

    async def __aenter__(self) -> PageServer:
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, self._port).start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    def _app(self) -> web.Application:
        app = web.Application()
        app.add_routes(
            [
                web.get("/", _show_page),
                web.get("/streets", _show_streets),
                web.get("/words", self._show_words),
                web.get("/scene", self._show_scene),
                web.get("/alerts", self._pass_alerts),
            ]
        )
        return app

    async def _show_words(self, _request: web.Request) -> web.Response:
        return web.json_response(self._words)

    async def _show_scene(self, _request: web.Request) -> web.Response:
        return web.json_response(scene_as_json(self._scene()))

    async def _pass_alerts(self, request: web.Request) -> web.StreamResponse:
        """Hand on notify's own stream as it is, so that the page sees what any app would see."""
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        position = request.headers.get("Last-Event-ID")
        headers = {"Last-Event-ID": position} if position else {}
        address = f"{self._caller.addresses['notify']}/v1/stream"
        try:
            async with self._caller.session.get(address, headers=headers, timeout=STREAM_TIMEOUT) as stream:
                await response.prepare(request)
                async for chunk in stream.content.iter_any():
                    await response.write(chunk)
        except (aiohttp.ClientError, TimeoutError, ConnectionResetError):
            return response
        return response


def scene_as_json(scene: Scene) -> Mapping[str, Any]:
    """A scene in the page's words; a case is a short row, since there are hundreds of them every second."""
    latency = scene.latency
    return {
        "act": scene.act,
        "elapsed_s": scene.elapsed_s,
        "reports": {act: [progress.done, progress.total] for act, progress in scene.reports.items()},
        "orders": [scene.orders.done, scene.orders.total],
        "outcomes": scene.seen.outcomes,
        "rates": [scene.seen.rates.reports_per_s, scene.seen.rates.events_per_s],
        "latency": [latency.p50_s, latency.p95_s] if latency else None,
        "ready": scene.seen.ready,
        "alert_count": scene.alert_count,
        "alerts": [[alert.position, alert.kind, alert.text.zh, alert.text.en] for alert in scene.alerts],
        "cases": [
            [dot.case_id, dot.longitude_deg, dot.latitude_deg, dot.state, dot.category, dot.zone]
            for dot in scene.seen.dots
        ],
    }


def page_words(language: Language) -> Mapping[str, Any]:
    """All texts of the page in both languages, and the one to begin with."""
    texts = {
        "title": words.TITLE,
        "orders": words.ORDERS,
        "cases": words.CASES,
        "alerts": words.ALERTS,
        "reports_rate": words.REPORTS_RATE,
        "events_rate": words.EVENTS_RATE,
        "latency": words.LATENCY,
        "ready": words.READY,
        "not_ready": words.NOT_READY,
        "synthetic": words.SYNTHETIC,
        "lost": words.LOST,
        "reports": words.REPORTS,
    }
    return {
        "language": language,
        "alert_kinds": list(AlertKind),
        "texts": {name: _pair(word) for name, word in texts.items()},
        "acts": {act: _pair(word) for act, word in words.ACTS.items()},
        "states": {state: _pair(word) for state, word in STATES.items()},
        "outcomes": {outcome: _pair(word) for outcome, word in words.OUTCOMES.items()},
        "categories": {slug: [found.name_zh, found.name_en] for slug, found in load_categories().items()},
    }


def _pair(word: Wording) -> list[str]:
    return [word.zh, word.en]


async def _show_page(_request: web.Request) -> web.FileResponse:
    return web.FileResponse(PAGE_PATH, headers={"Cache-Control": "no-store"})


async def _show_streets(_request: web.Request) -> web.FileResponse:
    return web.FileResponse(STREETS_PATH, headers={"Content-Type": "application/json"})
