"""How does an alert reach somebody's server, signed, and never a server it must not reach?"""

from __future__ import annotations

import ipaddress
import socket
from datetime import datetime
from typing import Any

import aiohttp
from aiohttp.abc import ResolveResult
from aiohttp.resolver import ThreadedResolver
from standardwebhooks.webhooks import Webhook
from yarl import URL

from lamplight_chassis.answers import to_json
from lamplight_chassis.clock import Clock
from notify.deliveries import Delivery
from notify.delivery import MAX_IN_FLIGHT, ChannelError

TIMEOUT_S = 5.0
SUCCESS = range(200, 300)
GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


def is_public(address: IpAddress) -> bool:
    """Whether an address is one server of the open internet.

    An IPv6 address that a gateway turns into an IPv4 address (mapped, RFC 4291; 6to4, RFC 3056; NAT64, RFC 6052) is as
    public as that one; of all others only what IANA gives out as global unicast is.
    """
    if isinstance(address, ipaddress.IPv6Address):
        within = _ipv4_within(address)
        if within is not None:
            return is_public(within)
        if address not in GLOBAL_UNICAST:
            return False
    return address.is_global and not address.is_multicast


def _ipv4_within(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if address in TRANSLATED:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


class PublicResolver(ThreadedResolver):
    """Resolves names to public addresses only, at the moment of connecting: a name cannot change its mind later."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await super().resolve(host, port, family)
        public = [result for result in found if is_public(ipaddress.ip_address(result["host"]))]
        if not public:
            raise OSError(f"{host} has no public address")
        return public


class WebhookChannel:
    """Sends Standard Webhooks: the id is the delivery's, so a receiver can tell a repetition.

    Arguments:
        allow_private: let it reach loopback, private and link-local addresses too.
    """

    def __init__(self, *, allow_private: bool, now: Clock) -> None:
        self._now = now
        self._allow_private = allow_private
        self._session: aiohttp.ClientSession | None = None

    async def send(self, delivery: Delivery) -> None:
        """Send once.

        Raises:
            ChannelError: refused address, no connection, no answer in 5 s, a redirect, or any status but 2xx.
        """
        self._check_address(delivery.target)
        body = to_json(_payload(delivery))
        try:
            async with self._client().post(
                delivery.target, data=body, headers=_headers(delivery, body, self._now()), allow_redirects=False
            ) as response:
                status = response.status
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise ChannelError(f"no answer: {_kind_of(error)}") from error
        if status not in SUCCESS:
            raise ChannelError(f"answered with status {status}")

    async def close(self) -> None:
        """Close the connections that are kept open."""
        if self._session is not None:
            await self._session.close()

    def _client(self) -> aiohttp.ClientSession:
        if self._session is None:
            resolver = ThreadedResolver() if self._allow_private else PublicResolver()
            self._session = aiohttp.ClientSession(
                # One for each flight: who waited for a connection would pay for a destination that does not answer.
                connector=aiohttp.TCPConnector(limit=MAX_IN_FLIGHT, resolver=resolver),
                timeout=aiohttp.ClientTimeout(total=TIMEOUT_S),
            )
        return self._session

    def _check_address(self, target: str) -> None:
        """A literal address never passes the resolver, so it is looked at here, as the client will read it."""
        try:
            address = ipaddress.ip_address(URL(target).host or "")
        except ValueError:
            return
        if not (self._allow_private or is_public(address)):
            raise ChannelError(f"{address} is not a public address")


def _kind_of(error: BaseException) -> str:
    """What went wrong, without the address: its path is often the secret."""
    os_error = getattr(error, "os_error", None)
    return f"{type(error).__name__}: {os_error.strerror}" if os_error is not None else type(error).__name__


def _payload(delivery: Delivery) -> dict[str, Any]:
    return {
        "type": f"alert.{delivery.kind}",
        "timestamp": delivery.created_at,
        "data": {
            "delivery_id": delivery.id,
            "alert_id": delivery.alert_id,
            "case_id": delivery.case_id,
            "recipient": delivery.recipient,
            "category": delivery.category,
            "zone": delivery.zone,
            "text_zh": delivery.text_zh,
            "text_en": delivery.text_en,
        },
    }


def _headers(delivery: Delivery, body: bytes, sent_at: datetime) -> dict[str, str]:
    signature = Webhook(delivery.secret or "").sign(str(delivery.id), sent_at, body.decode())
    trace = {"traceparent": delivery.traceparent} if delivery.traceparent else {}
    return {
        **trace,
        "content-type": "application/json",
        "webhook-id": str(delivery.id),
        "webhook-timestamp": str(int(sent_at.timestamp())),
        "webhook-signature": signature,
        "x-correlation-id": delivery.correlation_id,
    }
