"""Who calls the vault in a test, until the rights of the real callers stand around it?"""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request

from intake.vault.purposes import Actor


def actor_of(request: Request) -> Actor:
    """The actor that a test names in its headers."""
    zones = request.headers.get("x-zones", "")
    return Actor(request.headers["x-actor"], request.headers["x-role"], frozenset(zones.split()))


def as_(actor: Actor, **headers: str) -> Mapping[str, str]:
    """Headers that name an actor."""
    return {"x-actor": actor.name, "x-role": actor.role, "x-zones": " ".join(actor.zones), **headers}
