"""Is a wish to be told taken once, refused when it could not work, and forgotten with all that still waits for it?"""

from __future__ import annotations

import asyncio
import base64
from contextlib import AsyncExitStack
from typing import Any
from uuid import UUID

import pytest

from lamplight_chassis.clock import new_id
from lamplight_chassis.database import Database
from notify.audience import AlertKind
from notify.deliveries import Room, claim_due
from notify.store import save_alerts
from notify.subscriptions import Subscription
from tests.asgi import Api
from tests.builders import NOW
from tests.notify.builders import HOOK, SECRET, a_wish, an_alert, store
from tests.polling import until
from tests.services import an_app, fetch

WISHES = "/v1/subscriptions"
KEY = {"Idempotency-Key": "wish-1"}
WAITING_FOR_LOCK = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


def a_secret(length: int) -> str:
    return "whsec_" + base64.b64encode(bytes(length)).decode()


async def subscriptions(api: Api) -> list[dict[str, Any]]:
    """All that were asked for; the log that every fresh installation has stands first."""
    [_, *asked] = [shown for page in await pages(api, limit=50) for shown in page]
    return asked


async def pages(api: Api, *, limit: int) -> list[list[dict[str, Any]]]:
    """All pages of the list."""
    found, cursor = [], ""
    while cursor is not None:
        page = (await api.get(f"{WISHES}?limit={limit}{cursor and f'&cursor={cursor}'}")).json()
        found.append(page["subscriptions"])
        cursor = page["next_cursor"]
    return found


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"recipient": "*"},
        {"recipient": "unit:squadron_320507007"},
        {"recipient": f"report:{UUID(int=7)}"},
        {"kinds": ["case_assigned", "case_closed"]},
        {"target": "http://10.0.0.1:8080/hook?for=us#here"},
        {"target": "https://[2001:db8::1]/hook"},
        {"secret": a_secret(24)},
        {"secret": a_secret(64)},
        {"secret": SECRET.removeprefix("whsec_")},
        {"channel": "log", "target": "log", "secret": None},
    ],
    ids=str,
)
async def test_a_wish_is_taken_and_shown_without_its_secret(api: Api, changes: dict[str, Any]) -> None:
    wish = a_wish(**changes)

    answer = await api.post(WISHES, wish)

    taken = answer.json()
    expected = {"kinds": [], **wish, "id": taken["id"], "created_at": NOW.isoformat()}
    del expected["secret"]
    assert (answer.status, taken) == (201, expected)
    assert await subscriptions(api) == [taken]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"recipient": ""}, "recipient"),
        ({"recipient": "mayor"}, "recipient"),
        ({"recipient": "unit:"}, "recipient"),
        ({"recipient": "unit:a b"}, "recipient"),
        ({"recipient": "unit:a\n"}, "recipient"),
        ({"recipient": "unit:a\x00"}, "recipient"),
        ({"recipient": "report:7"}, "recipient"),
        ({"recipient": "unit:" + "x" * 92}, "recipient"),
        ({"recipient": None}, "recipient"),
        ({"kinds": ["gossip"]}, "kinds.0"),
        ({"kinds": "case_closed"}, "kinds"),
        ({"kinds": None}, "kinds"),
        ({"kinds": ["case_closed", "case_closed"]}, "kinds"),
        ({"kinds": ["case_closed"] * 50_000}, "kinds"),
        ({"channel": "pigeon"}, "channel"),
        ({"channel": None}, "channel"),
        ({"target": ""}, "target"),
        ({"target": "https://example.org/" + "x" * 2000}, "target"),
        ({"target": "https://example.org/\x00"}, "target"),
        ({"target": 7}, "target"),
        ({"secret": "x" * 129}, "secret"),
        ({"secret": 7}, "secret"),
        ({"colour": "red"}, "colour"),
    ],
    ids=str,
)
async def test_a_field_that_breaks_its_rule_is_refused_by_its_path(
    api: Api, changes: dict[str, Any], field: str
) -> None:
    answer = await api.post(WISHES, a_wish(**changes))

    assert (answer.status, answer.problem) == (422, "invalid")
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert await subscriptions(api) == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"target": "https:///hook"}, "target"),
        ({"target": "https://"}, "target"),
        ({"target": "example.org/hook"}, "target"),
        ({"target": "ftp://example.org/hook"}, "target"),
        ({"target": "file:///etc/passwd"}, "target"),
        ({"target": "javascript:alert(1)"}, "target"),
        ({"target": "https://user@example.org/hook"}, "target"),
        ({"target": "https://user:word@example.org/hook"}, "target"),
        ({"target": "https://:word@example.org/hook"}, "target"),
        ({"target": "https://[::1/hook"}, "target"),
        ({"target": "https://example.org:seven/hook"}, "target"),
        ({"target": "https://example.org:99999/hook"}, "target"),
        ({"secret": None}, "secret"),
        ({"secret": ""}, "secret"),
        ({"secret": "whsec_"}, "secret"),
        ({"secret": a_secret(23)}, "secret"),
        ({"secret": a_secret(65)}, "secret"),
        ({"secret": "whsec_not base64 at all, is it?"}, "secret"),
        ({"secret": SECRET[:-1]}, "secret"),
        ({"secret": "whsec_" + "é" * 44}, "secret"),
    ],
    ids=str,
)
async def test_a_webhook_that_could_not_work_is_refused_with_its_field_and_without_its_secret(
    api: Api, changes: dict[str, Any], field: str
) -> None:
    wish = a_wish(**changes)

    answer = await api.post(WISHES, wish)

    assert (answer.status, answer.problem) == (422, "invalid")
    assert field in answer.json()["detail"]
    assert SECRET not in answer.body.decode()
    assert await subscriptions(api) == []


@pytest.mark.parametrize("missing", ["recipient", "channel", "target"])
async def test_a_wish_that_lacks_a_field_is_refused_by_its_name(api: Api, missing: str) -> None:
    wish = a_wish()
    del wish[missing]

    answer = await api.post(WISHES, wish)

    assert (answer.status, answer.problem) == (422, "invalid")
    assert [error["field"] for error in answer.json()["errors"]] == [missing]


async def test_the_same_wish_with_its_key_is_taken_once_and_answered_alike(api: Api) -> None:
    first, second = [await api.post(WISHES, a_wish(), KEY) for _ in range(2)]

    assert (first.status, second.status) == (201, 201)
    assert first.body == second.body
    assert ("idempotent-replayed" in first.headers, second.headers["idempotent-replayed"]) == (False, "true")
    assert len(await subscriptions(api)) == 1


async def test_the_key_of_a_wish_does_not_serve_another(api: Api) -> None:
    await api.post(WISHES, a_wish(), KEY)

    answer = await api.post(WISHES, a_wish(recipient="*"), KEY)

    assert (answer.status, answer.problem) == (409, "idempotency_conflict")
    assert len(await subscriptions(api)) == 1


async def test_one_wish_sent_twenty_times_at_once_to_two_instances_is_taken_once(url: str) -> None:
    async with AsyncExitStack() as opened:
        apis = [await opened.enter_async_context(an_app("notify", url, instance_id=name)) for name in ("1", "2")]

        answers = await asyncio.gather(*(apis[number % 2].post(WISHES, a_wish(), KEY) for number in range(20)))

        assert {(answer.status, answer.body) for answer in answers} == {(201, answers[0].body)}
        assert len(await subscriptions(apis[0])) == 1


async def test_the_destinations_come_page_by_page_the_oldest_first_and_each_once(api: Api) -> None:
    taken = [(await api.post(WISHES, a_wish())).json() for _ in range(5)]

    found = await pages(api, limit=2)

    assert [len(page) for page in found] == [2, 2, 2]
    assert [shown["id"] for page in found for shown in page][1:] == [wish["id"] for wish in taken]


async def test_a_destination_that_is_removed_between_two_pages_moves_no_other(api: Api) -> None:
    taken = [(await api.post(WISHES, a_wish())).json() for _ in range(3)]
    first = (await api.get(f"{WISHES}?limit=2")).json()
    await api.delete(f"{WISHES}/{taken[0]['id']}")

    second = (await api.get(f"{WISHES}?limit=2&cursor={first['next_cursor']}")).json()

    assert [shown["id"] for shown in second["subscriptions"]] == [wish["id"] for wish in taken[1:]]
    assert second["next_cursor"] is None


@pytest.mark.parametrize(
    ("query", "kind", "field"),
    [
        ("limit=0", "invalid", "limit"),
        ("limit=201", "invalid", "limit"),
        ("cursor=", "invalid", "cursor"),
        ("cursor=nonsense", "bad_cursor", "cursor"),
        ("page=2", "invalid", "page"),
    ],
)
async def test_a_page_that_there_is_not_is_refused_by_its_field(api: Api, query: str, kind: str, field: str) -> None:
    answer = await api.get(f"{WISHES}?{query}")

    assert (answer.status, answer.problem) == (422, kind)
    assert field in answer.json()["detail"]


async def test_a_key_that_breaks_its_rule_is_refused(api: Api) -> None:
    answer = await api.post(WISHES, a_wish(), {"Idempotency-Key": "x" * 129})

    assert (answer.status, answer.problem) == (422, "bad_idempotency_key")


async def test_a_removed_destination_is_forgotten_with_what_waits_for_it(url: str, api: Api) -> None:
    [log] = (await api.get(WISHES)).json()["subscriptions"]
    taken = (await api.post(WISHES, a_wish(target=HOOK))).json()
    await fetch(
        url,
        "INSERT INTO deliveries (id, alert_id, subscription_id, state, tries, due_at) SELECT gen_random_uuid(), "
        "gen_random_uuid(), s.id::uuid, e.state, 0, 'infinity' FROM unnest($1::text[]) s (id), "
        "unnest(ARRAY['pending', 'delivered', 'failed']) e (state)",
        [log["id"], taken["id"]],
    )

    answer = await api.delete(f"{WISHES}/{taken['id']}")

    assert (answer.status, answer.body) == (204, b"")
    assert await subscriptions(api) == []
    left = await fetch(url, "SELECT subscription_id::text AS id, state FROM deliveries ORDER BY 1, 2")
    assert [(row["id"], row["state"]) for row in left] == [
        *[(log["id"], state) for state in ("delivered", "failed", "pending")],
        *[(taken["id"], state) for state in ("delivered", "failed")],
    ]


async def test_a_destination_that_is_removed_twice_was_not_found(api: Api) -> None:
    taken = (await api.post(WISHES, a_wish())).json()
    await api.delete(f"{WISHES}/{taken['id']}")

    answer = await api.delete(f"{WISHES}/{taken['id']}")

    assert (answer.status, answer.problem) == (404, "not_found")
    assert taken["id"] in answer.json()["detail"]


async def test_an_id_that_is_none_is_refused(api: Api) -> None:
    answer = await api.delete(f"{WISHES}/seven")

    assert (answer.status, answer.problem) == (422, "invalid")
    assert [error["field"] for error in answer.json()["errors"]] == ["subscription_id"]


async def test_nothing_waits_for_a_destination_that_was_removed_while_an_alert_was_made(
    url: str, database: Database, api: Api
) -> None:
    taken = (await api.post(WISHES, a_wish(target="http://127.0.0.1:1/"))).json()

    async def is_waiting() -> bool:
        return bool(await fetch(url, WAITING_FOR_LOCK))

    async with database.transaction() as work:
        await save_alerts(work, [an_alert()], new_id=new_id)
        removing = asyncio.create_task(api.delete(f"{WISHES}/{taken['id']}"))
        await until(is_waiting, "the removal waits for the alert")

    assert (await removing).status == 204
    waiting = "SELECT 1 FROM deliveries WHERE subscription_id = $1 AND state = 'pending'"
    assert await fetch(url, waiting, UUID(taken["id"])) == []


@pytest.mark.parametrize(
    ("recipient", "kinds", "is_wanted"),
    [
        ("command_centre", (), True),
        ("*", (), True),
        ("unit:a", (), False),
        ("command_centre", (AlertKind.WORK_TO_CHECK,), True),
        ("*", (AlertKind.CASE_ASSIGNED, AlertKind.WORK_TO_CHECK), True),
        ("*", (AlertKind.CASE_ASSIGNED,), False),
    ],
)
async def test_a_destination_is_told_of_what_it_asked_for(
    database: Database, recipient: str, kinds: tuple[AlertKind, ...], is_wanted: bool
) -> None:
    subscription = Subscription(new_id(), recipient, frozenset(kinds), "webhook", HOOK)
    await database.fetch(
        "INSERT INTO subscriptions (id, recipient, kinds, channel, target, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
        subscription.id, recipient, kinds, subscription.channel, HOOK, NOW,
    )  # fmt: skip

    await store(database, alert := an_alert(recipient="command_centre", kind=AlertKind.WORK_TO_CHECK))

    told = (await claim_due(database, lambda: NOW, 30, Room(10, 100, 10, {}))).deliveries
    assert subscription.wants(alert) is is_wanted
    assert [delivery.channel for delivery in told if delivery.channel == "webhook"] == ["webhook"] * is_wanted
