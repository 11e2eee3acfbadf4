"""What does somebody's server see who subscribed to every alert, and is not always well itself?"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from hashlib import sha256
from uuid import UUID

import orjson
from aiohttp import web
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from tests.chaos.evidence import Receipt

SECRET = "whsec_Y2hhb3MtY2hhb3MtY2hhb3MtY2hhb3MtY2hhb3M="
REFUSES = 0.03
IS_SLOW = 0.01
NEVER_ANSWERS = 0.0005
SLOW_S = 0.8
LONGER_THAN_ANY_SENDER_WAITS_S = 8.0


class Receiver:
    """A webhook endpoint that checks signatures, and now and then refuses, dawdles or never answers.

    How it treats a webhook depends on the seed, the webhook's id and how often it came: the same run meets the same.
    """

    def __init__(self, *, seed: int) -> None:
        self.receipts: list[Receipt] = []
        self.url = ""
        self._seed = seed
        self._came = Counter[str]()
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Serve at a free port; `url` is where."""
        app = web.Application()
        app.router.add_post("/hook", self._on_webhook)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/hook"

    async def stop(self) -> None:
        """Serve no more."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _on_webhook(self, request: web.Request) -> web.Response:
        body = await request.text()
        webhook_id = request.headers.get("webhook-id", "")
        self._came[webhook_id] += 1
        mood = random.Random(f"{self._seed} {webhook_id} {self._came[webhook_id]}").random()
        status = 500 if mood < REFUSES else 200
        is_silent = mood > 1 - NEVER_ANSWERS
        self._record(request, webhook_id, body, status=0 if is_silent else status)
        if is_silent:
            await asyncio.sleep(LONGER_THAN_ANY_SENDER_WAITS_S)
        elif mood > 1 - NEVER_ANSWERS - IS_SLOW:
            await asyncio.sleep(SLOW_S)
        return web.Response(status=status)

    def _record(self, request: web.Request, webhook_id: str, body: str, *, status: int) -> None:
        content = orjson.loads(body)
        matter = f"{content['type']} {content['data']['case_id']} {content['data']['recipient']}"
        digest = sha256(body.encode()).hexdigest()
        self.receipts.append(Receipt(UUID(webhook_id), matter, digest, status, _is_signed(request, body)))


def _is_signed(request: web.Request, body: str) -> bool:
    try:
        Webhook(SECRET).verify(body, dict(request.headers))
    except WebhookVerificationError:
        return False
    return True
