"""How far does somebody reach who is restricted?"""

from __future__ import annotations

import pytest

from deploy.issuer.issuer import Issuer
from lamplight_chassis.rights.caller import Caller
from lamplight_chassis.rights.refusals import Refused
from tests.asgi import Api
from tests.chassis.rights.parts import (
    bearer,
)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/things?place=a", 200),
        ("/things?place=b", 403),
        ("/things", 403),
        ("/things?place=", 403),
        ("/things?place=a&place=b", 403),
        ("/things?place=b&place=a", 403),
        ("/things?Place=a", 403),
        ("/places/a", 200),
        ("/places/b", 403),
    ],
)
async def test_who_is_restricted_reaches_only_their_own(api: Api, live_issuer: Issuer, path: str, status: int) -> None:
    restricted = await api.get(path, bearer(live_issuer, "looker", place=["a"]))
    free = await api.get(path, bearer(live_issuer, "looker"))

    assert restricted.status == status
    assert free.status == 200
    if status == 403:
        assert restricted.problem == "out_of_scope"


async def test_a_restriction_in_another_dimension_is_none_here(api: Api, live_issuer: Issuer) -> None:
    assert (await api.get("/places/b", bearer(live_issuer, "looker", colour=["red"]))).status == 200


async def test_a_route_that_looks_at_scopes_by_itself_is_asked(api: Api, live_issuer: Issuer) -> None:
    headers = bearer(live_issuer, "looker", place=["a"])

    assert (await api.get("/things/a", headers)).json() is True
    assert (await api.get("/things/b", headers)).json() is False


async def test_a_route_that_should_look_and_does_not_is_closed_to_who_is_restricted(
    api: Api, live_issuer: Issuer
) -> None:
    restricted = await api.get("/blind/a", bearer(live_issuer, "looker", place=["a"]))
    free = await api.get("/blind/a", bearer(live_issuer, "looker"))

    assert (restricted.status, restricted.problem) == (403, "scope_unheeded")
    assert free.status == 200


async def test_a_bound_role_counts_only_with_its_restriction(api: Api, live_issuer: Issuer) -> None:
    without = await api.post("/things/a/own", {}, bearer(live_issuer, "owner"))
    with_another = await api.post("/things/a/own", {}, bearer(live_issuer, "owner", colour=["red"]))
    with_it = await api.post("/things/a/own", {}, bearer(live_issuer, "owner", place=["a"]))

    assert (without.status, without.problem) == (403, "role_lacking")
    assert "owner (restricted by place)" in without.json()["detail"]
    assert with_another.status == 403
    assert with_it.status == 200


def test_a_caller_answers_what_it_may() -> None:
    caller = Caller("desk-1", frozenset({"maker"}), {"place": frozenset({"b", "a"})})

    assert (caller.has("looker", "maker"), caller.has("looker")) == (True, False)
    assert (caller.may("place", "a"), caller.may("place", "c"), caller.may("place", None)) == (True, False, False)
    assert caller.may("colour", None)
    assert (caller.within("place"), caller.within("colour")) == (["a", "b"], None)
    with pytest.raises(Refused, match="out_of_scope"):
        caller.must("place", "c")
    with pytest.raises(Refused, match="role_lacking: role: needs one of looker, owner"):
        caller.must_have("looker", "owner")
