"""Are ports found, kept and refused as the user expects?"""

from __future__ import annotations

import socket

import pytest

from deploy.local.failure import PortTaken
from deploy.local.ports import CHOICE, HOST, Ports, choose_ports, is_free
from tests.local.builders import a_free_port


def test_three_different_free_ports_are_found_outside_the_range_of_outgoing_connections() -> None:
    ports = choose_ports(kafka=None, postgres=None, before=None)

    assert len({ports.kafka, ports.controller, ports.postgres}) == 3
    assert all(is_free(port) and port in CHOICE for port in (ports.kafka, ports.controller, ports.postgres))


def test_the_ports_of_the_run_before_are_used_again() -> None:
    before = choose_ports(kafka=None, postgres=None, before=None)

    assert choose_ports(kafka=None, postgres=None, before=before) == before


def test_another_port_is_found_when_the_one_of_the_run_before_is_taken() -> None:
    before = choose_ports(kafka=None, postgres=None, before=None)
    with socket.create_server((HOST, before.kafka)):
        ports = choose_ports(kafka=None, postgres=None, before=before)

    assert ports.kafka != before.kafka
    assert ports.postgres == before.postgres


def test_a_port_that_the_user_named_is_used() -> None:
    wanted = a_free_port()

    assert choose_ports(kafka=wanted, postgres=None, before=Ports(1, 2, 3)).kafka == wanted


def test_a_port_that_the_user_named_and_is_taken_is_refused_with_what_to_do() -> None:
    port = a_free_port()
    with (
        socket.create_server((HOST, port)),
        pytest.raises(PortTaken, match=rf"Port {port} cannot be used .*name another port, or name none"),
    ):
        choose_ports(kafka=None, postgres=port, before=None)


def test_one_port_for_both_servers_is_refused() -> None:
    port = a_free_port()

    with pytest.raises(PortTaken, match="for both Kafka and PostgreSQL"):
        choose_ports(kafka=port, postgres=port, before=None)
