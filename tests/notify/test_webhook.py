"""Does a webhook arrive signed, once per try, where it may go and nowhere else?"""

from __future__ import annotations

import gc
import ipaddress
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from lamplight_chassis.clock import utc_now
from notify.channels import webhook
from notify.channels.webhook import WebhookChannel, is_public
from notify.delivery import ChannelError
from tests.builders import CORRELATION, NOW
from tests.notify.builders import SECRET, a_delivery, a_wish, an_alert, store
from tests.notify.receiver import Receiver
from tests.polling import until
from tests.services import a_database, an_app

OTHER_SECRET = "whsec_" + "b" * 44
TOKEN = "the-secret-part-of-a-hook"


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver().listening() as receiver:
        yield receiver


@pytest.fixture
async def open_channel() -> AsyncIterator[WebhookChannel]:
    """May reach this machine."""
    channel = WebhookChannel(allow_private=True, now=utc_now)
    yield channel
    await channel.close()


@pytest.fixture
async def guarded_channel() -> AsyncIterator[WebhookChannel]:
    """May not."""
    channel = WebhookChannel(allow_private=False, now=utc_now)
    yield channel
    await channel.close()


async def refusal(channel: WebhookChannel, target: str, **changes: Any) -> str:
    """Why a try failed, which must not show what only sender and receiver may know."""
    with pytest.raises(ChannelError) as refused:
        await channel.send(a_delivery(target=target, **changes))
    assert SECRET.removeprefix("whsec_") not in str(refused.value)
    assert TOKEN not in str(refused.value)
    return str(refused.value)


async def test_a_webhook_says_everything_about_its_alert(receiver: Receiver, open_channel: WebhookChannel) -> None:
    delivery = a_delivery(target=receiver.address("/status/200"))

    await open_channel.send(delivery)

    [received] = receiver.received
    assert json.loads(received.body) == {
        "type": "alert.work_to_check",
        "timestamp": NOW.isoformat(),
        "data": {
            "delivery_id": str(delivery.id),
            "alert_id": str(delivery.alert_id),
            "case_id": str(delivery.case_id),
            "recipient": delivery.recipient,
            "category": delivery.category,
            "zone": delivery.zone,
            "text_zh": delivery.text_zh,
            "text_en": delivery.text_en,
        },
    }
    assert received.headers["content-type"] == "application/json"
    assert received.headers["webhook-id"] == str(delivery.id)
    assert received.headers["x-correlation-id"] == CORRELATION


@pytest.mark.parametrize("secret", [SECRET, SECRET.removeprefix("whsec_")])
async def test_a_receiver_can_check_who_sent_it(receiver: Receiver, open_channel: WebhookChannel, secret: str) -> None:
    await open_channel.send(a_delivery(target=receiver.address("/"), secret=secret))

    [received] = receiver.received
    assert Webhook(secret).verify(received.body, dict(received.headers)) == json.loads(received.body)


async def test_a_receiver_notices_a_changed_word_and_a_stranger(
    receiver: Receiver, open_channel: WebhookChannel
) -> None:
    await open_channel.send(a_delivery(target=receiver.address("/")))

    [received] = receiver.received
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(received.body.replace(b"Please", b"Never!"), dict(received.headers))
    with pytest.raises(WebhookVerificationError):
        Webhook(OTHER_SECRET).verify(received.body, dict(received.headers))


async def test_every_try_of_a_delivery_has_the_same_id(receiver: Receiver, open_channel: WebhookChannel) -> None:
    delivery = a_delivery(target=receiver.address("/"))

    for _ in range(2):
        await open_channel.send(delivery)

    assert [received.headers["webhook-id"] for received in receiver.received] == [str(delivery.id)] * 2


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
async def test_any_status_of_success_is_a_delivery(
    receiver: Receiver, open_channel: WebhookChannel, status: int
) -> None:
    await open_channel.send(a_delivery(target=receiver.address(f"/status/{status}")))

    assert len(receiver.received) == 1


@pytest.mark.parametrize("status", [300, 304, 400, 401, 404, 410, 429, 500, 503])
async def test_any_other_status_is_none(receiver: Receiver, open_channel: WebhookChannel, status: int) -> None:
    reason = await refusal(open_channel, receiver.address(f"/status/{status}?{TOKEN}"))

    assert reason == f"answered with status {status}"


async def test_a_redirect_is_not_followed(receiver: Receiver, open_channel: WebhookChannel) -> None:
    reason = await refusal(open_channel, receiver.address("/redirect"))

    assert reason == "answered with status 302"
    assert [received.path for received in receiver.received] == ["/redirect"]


async def test_a_server_that_does_not_answer_is_given_up(
    receiver: Receiver, open_channel: WebhookChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "TIMEOUT_S", 0.2)

    reason = await refusal(open_channel, receiver.address(f"/never?{TOKEN}"))

    assert reason.startswith("no answer: ")


@pytest.mark.parametrize("path", ["/hangs-up", "/garbage"])
async def test_a_server_that_breaks_off_or_talks_nonsense_gave_no_answer(
    receiver: Receiver, open_channel: WebhookChannel, path: str
) -> None:
    reason = await refusal(open_channel, receiver.address(f"{path}?{TOKEN}"))

    assert reason.startswith("no answer: ")


@pytest.mark.parametrize("host", ["127.0.0.1", "no-such-host.invalid"])
async def test_a_server_that_is_not_there_gave_no_answer(
    receiver: Receiver, open_channel: WebhookChannel, host: str
) -> None:
    reason = await refusal(open_channel, f"http://{host}:1/{TOKEN}")

    assert reason.startswith("no answer: ")


@pytest.mark.parametrize("target", [f"https://example.org:99999/{TOKEN}", f"http://127.1/{TOKEN}", f"http:///{TOKEN}"])
async def test_an_address_that_is_none_is_refused(open_channel: WebhookChannel, target: str) -> None:
    assert await refusal(open_channel, target)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1.2.3",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "[::1]",
        "[::]",
        "[fe80::1]",
        "[fd00::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:10.0.0.1]",
        "[::127.0.0.1]",
        "[2002:7f00:1::]",
        "[2002:a00:1::1]",
        "[64:ff9b::7f00:1]",
        "[64:ff9b:1::7f00:1]",
        "[2001:0:7f00:1::]",
        "[fec0::1]",
        "[ff0e::1]",
        "224.0.0.251",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
    ],
)
async def test_a_literal_private_address_is_refused_by_name(guarded_channel: WebhookChannel, host: str) -> None:
    reason = await refusal(guarded_channel, f"http://{host}:1/{TOKEN}")

    assert reason.endswith("is not a public address")


@pytest.mark.parametrize(
    "text",
    ["8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8", "2002:808:808::1", "64:ff9b::808:808"],
)
def test_a_server_of_the_open_internet_is_public_also_behind_a_translation(text: str) -> None:
    assert is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "ip6-localhost",
        "127.1",
        "2130706433",
        "0177.0.0.1",
        "0x7f.0.0.1",
        "0x7f000001",
        "127.000.000.001",
        "127。0。0。1",
        "①27.0.0.1",
        "１２７.0.0.1",
        "[::ffff:7f00:1]",
        "%31%32%37.0.0.1",
    ],
)
async def test_nothing_reaches_this_machine_however_it_is_written(
    receiver: Receiver, guarded_channel: WebhookChannel, host: str
) -> None:
    await refusal(guarded_channel, receiver.address(f"/{TOKEN}", host=host))

    assert receiver.received == []


async def test_a_name_of_this_machine_is_reached_where_that_is_allowed(
    receiver: Receiver, open_channel: WebhookChannel
) -> None:
    await open_channel.send(a_delivery(target=receiver.address("/", host="localhost")))

    assert len(receiver.received) == 1


async def test_an_instance_leaves_no_connection_open_when_it_stops(url: str, receiver: Receiver) -> None:
    async with an_app("notify", url, webhook_allow_private=True) as api:
        await api.post("/v1/subscriptions", a_wish(target=receiver.address("/")))
        async with a_database(url) as database:
            await store(database, an_alert())
        await until(has_received(receiver), "the webhook arrives")
        opened = sessions()

    assert len(opened) == 1
    assert all(session.closed for session in opened)


def sessions() -> list[aiohttp.ClientSession]:
    """Everything that could hold connections open."""
    return [thing for thing in gc.get_objects() if type(thing) is aiohttp.ClientSession and not thing.closed]


def has_received(receiver: Receiver) -> Callable[[], Awaitable[bool]]:
    async def look() -> bool:
        return bool(receiver.received)

    return look


async def test_a_channel_that_never_sent_can_be_closed() -> None:
    await WebhookChannel(allow_private=False, now=utc_now).close()
