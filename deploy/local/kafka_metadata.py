"""Does a Kafka broker serve requests yet?"""

from __future__ import annotations

import socket
import struct

# A Metadata request, version 4, that asks for no topic (Kafka protocol guide, "Metadata API").
API_KEY, API_VERSION, CORRELATION_ID, NO_CLIENT_ID = 3, 4, 1, -1
TIMEOUT_S = 2.0


def has_live_broker(host: str, port: int) -> bool:
    """Whether the broker answers a metadata request and the cluster counts at least one live broker."""
    request = struct.pack(">hhihi?", API_KEY, API_VERSION, CORRELATION_ID, NO_CLIENT_ID, 0, False)
    try:
        with socket.create_connection((host, port), TIMEOUT_S) as connection:
            connection.sendall(struct.pack(">i", len(request)) + request)
            (size,) = struct.unpack(">i", _receive(connection, 4))
            correlation_id, _throttle_ms, live_brokers = struct.unpack(">iii", _receive(connection, 12))
    except (OSError, struct.error):
        return False
    return bool(size >= 12 and correlation_id == CORRELATION_ID and live_brokers > 0)


def _receive(connection: socket.socket, size: int) -> bytes:
    received = b""
    while len(received) < size:
        chunk = connection.recv(size - len(received))
        if not chunk:
            raise ConnectionError("the broker closed the connection")
        received += chunk
    return received
