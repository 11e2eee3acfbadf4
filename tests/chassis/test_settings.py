"""Is a bad setting refused by its name before anything starts?"""

from __future__ import annotations

import socket

import pytest
from pydantic import ValidationError

import dispatch.settings
import intake.settings
import notify.settings
from lamplight_chassis.settings import MIN_INBOX_KEEP_DAYS, ServiceSettings
from lamplight_events.topics import DAY_S, TOPICS, Topic

GOOD_URL = "postgresql://words:hunter2@127.0.0.1:5432/words"
SERVICES = [
    ("INTAKE", intake.settings.Settings),
    ("DISPATCH", dispatch.settings.Settings),
    ("NOTIFY", notify.settings.Settings),
]


def settings(**changes: object) -> ServiceSettings:
    return ServiceSettings(**{"database_url": GOOD_URL, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("kafka_bootstrap_servers", ""),
        ("database_url", "mysql://127.0.0.1/words"),
        ("database_url", "sqlite:///words"),
        ("database_url", "not an address"),
        ("database_url", ""),
        ("port", 0),
        ("port", 65536),
        ("port", "eighty"),
        ("instance_id", ""),
        ("instance_id", "two words"),
        ("instance_id", "x" * 65),
        ("log_level", "LOUD"),
        ("database_pool_size", 1),
        ("database_pool_size", 101),
        ("consumer_batch_records", 0),
        ("consumer_batch_records", 5001),
        ("consumer_session_timeout_ms", 999),
        ("consumer_session_timeout_ms", 300_001),
        ("consumer_stall_s", 0),
        ("inbox_keep_days", 30),
        ("idempotency_keep_days", 0),
    ],
)
def test_a_bad_value_is_refused_by_its_name(name: str, value: object) -> None:
    with pytest.raises(ValidationError) as refusal:
        settings(**{name: value})

    assert [error["loc"] for error in refusal.value.errors()] == [(name,)]


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_an_event_is_remembered_for_longer_than_any_topic_or_letter_lives(topic: Topic) -> None:
    assert topic.retention_s < MIN_INBOX_KEEP_DAYS * DAY_S


def test_a_database_is_needed() -> None:
    with pytest.raises(ValidationError) as refusal:
        ServiceSettings()

    assert [error["loc"] for error in refusal.value.errors()] == [("database_url",)]


@pytest.mark.parametrize("url", [GOOD_URL, GOOD_URL.replace("postgresql", "postgresql+asyncpg")])
def test_both_drivers_get_the_address_in_their_own_form(url: str) -> None:
    found = settings(database_url=url)

    assert found.sqlalchemy_url.drivername == "postgresql+asyncpg"
    assert found.asyncpg_dsn == GOOD_URL


def test_a_password_with_odd_characters_survives() -> None:
    url = "postgresql://words:p%40ss%2Fw%3Ard@127.0.0.1/words"

    found = settings(database_url=url)

    assert found.sqlalchemy_url.password == "p@ss/w:rd"
    assert found.asyncpg_dsn == url


@pytest.mark.parametrize(("prefix", "kind"), SERVICES, ids=[prefix for prefix, _ in SERVICES])
def test_a_service_reads_its_own_variables(
    monkeypatch: pytest.MonkeyPatch, prefix: str, kind: type[ServiceSettings]
) -> None:
    monkeypatch.setenv(f"{prefix}_DATABASE_URL", GOOD_URL)
    monkeypatch.setenv(f"{prefix}_PORT", "9001")
    monkeypatch.setenv("INSTANCE_ID", "7")

    found = kind()

    assert (found.database_url, found.port, found.instance_id) == (GOOD_URL, 9001, "7")


@pytest.mark.parametrize(("prefix", "kind"), SERVICES, ids=[prefix for prefix, _ in SERVICES])
def test_each_instance_on_a_host_has_its_own_name_and_keeps_it(
    monkeypatch: pytest.MonkeyPatch, prefix: str, kind: type[ServiceSettings]
) -> None:
    monkeypatch.delenv("INSTANCE_ID", raising=False)

    def name_at(port: int) -> str:
        monkeypatch.setenv(f"{prefix}_PORT", str(port))
        return kind().instance_id

    assert name_at(9001) == name_at(9001) == f"{socket.gethostname()}-9001"
    assert name_at(9002) != name_at(9001)


@pytest.mark.parametrize(("prefix", "kind"), SERVICES, ids=[prefix for prefix, _ in SERVICES])
def test_a_bad_variable_is_refused_by_its_name(
    monkeypatch: pytest.MonkeyPatch, prefix: str, kind: type[ServiceSettings]
) -> None:
    monkeypatch.setenv(f"{prefix}_DATABASE_URL", "mysql://127.0.0.1/words")
    monkeypatch.setenv(f"{prefix}_PORT", "many")

    with pytest.raises(ValidationError) as refusal:
        kind()

    assert {error["loc"] for error in refusal.value.errors()} == {(f"{prefix}_DATABASE_URL",), (f"{prefix}_PORT",)}


@pytest.mark.parametrize(
    ("name", "value"),
    [("NOTIFY_DELIVERY_MAX_TRIES", "0"), ("NOTIFY_DELIVERY_LEASE_S", "0"), ("NOTIFY_WEBHOOK_ALLOW_PRIVATE", "perhaps")],
)
def test_a_bad_limit_of_delivery_is_refused_by_its_name(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(ValidationError, match=name):
        notify.settings.Settings(database_url=GOOD_URL)
