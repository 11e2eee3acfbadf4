"""Is a broker called ready only when it is?"""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from deploy.local.kafka_metadata import has_live_broker
from deploy.local.ports import HOST
from tests.local.builders import a_free_port


@contextmanager
def a_listener_that_answers(answer: bytes) -> Iterator[int]:
    """The port of a server that gives one answer to whatever it is asked."""
    with socket.create_server((HOST, 0)) as server:
        threading.Thread(target=answer_once, args=(server, answer), daemon=True).start()
        yield server.getsockname()[1]


def answer_once(server: socket.socket, answer: bytes) -> None:
    connection, _address = server.accept()
    with connection:
        connection.recv(1024)
        connection.sendall(answer)


def metadata(*, correlation_id: int = 1, live_brokers: int) -> bytes:
    return struct.pack(">iiii", 12, correlation_id, 0, live_brokers)


def test_a_broker_that_counts_itself_as_live_is_ready() -> None:
    with a_listener_that_answers(metadata(live_brokers=1)) as port:
        assert has_live_broker(HOST, port)


@pytest.mark.parametrize(
    "answer",
    [
        metadata(live_brokers=0),
        metadata(correlation_id=7, live_brokers=1),
        metadata(live_brokers=1)[:9],
        b"",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
    ],
    ids=["no live broker", "answer to another question", "cut off", "closed", "not Kafka"],
)
def test_any_other_answer_is_not_ready(answer: bytes) -> None:
    with a_listener_that_answers(answer) as port:
        assert not has_live_broker(HOST, port)


def test_nobody_listening_is_not_ready() -> None:
    assert not has_live_broker(HOST, a_free_port())
