"""Does the receiver of a chaos run tell a signed webhook from a forged one, and write down what it saw?"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID

import aiohttp
import pytest
from standardwebhooks.webhooks import Webhook

from tests.chaos.receiver import SECRET, Receiver

WEBHOOK_ID = UUID(int=7)
BODY = json.dumps({"type": "alert.case_closed", "data": {"case_id": "c1", "recipient": "report:r1"}})


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver(seed=1)
    await receiver.start()
    yield receiver
    await receiver.stop()


async def _send(receiver: Receiver, *, signed_for: str) -> int:
    now = datetime.now(UTC)
    headers = {
        "webhook-id": str(WEBHOOK_ID),
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(SECRET).sign(signed_for, now, BODY),
    }
    async with aiohttp.ClientSession() as session, session.post(receiver.url, data=BODY, headers=headers) as answer:
        return answer.status


async def test_a_signed_webhook_is_written_down(receiver: Receiver) -> None:
    status = await _send(receiver, signed_for=str(WEBHOOK_ID))

    [receipt] = receiver.receipts
    assert (receipt.webhook_id, receipt.status, receipt.is_signed) == (WEBHOOK_ID, status, True)
    assert receipt.matter == "alert.case_closed c1 report:r1"


async def test_a_webhook_signed_for_another_id_is_told_apart(receiver: Receiver) -> None:
    await _send(receiver, signed_for="another")

    [receipt] = receiver.receipts
    assert not receipt.is_signed


async def test_a_repetition_is_written_down_with_the_same_content(receiver: Receiver) -> None:
    for _ in range(2):
        await _send(receiver, signed_for=str(WEBHOOK_ID))

    first, second = receiver.receipts
    assert first.content == second.content
