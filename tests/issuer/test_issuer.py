"""Does the laptop's issuer serve this machine, and nobody else?"""

from __future__ import annotations

import asyncio
import stat
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from prometheus_client import CollectorRegistry

from deploy.issuer.__main__ import main
from deploy.issuer.issuer import Issuer
from deploy.issuer.server import require_loopback, running_issuer
from deploy.issuer.signing_keys import FILE, SigningKeys
from deploy.local.failure import CannotRun, PortTaken
from lamplight_chassis.clock import utc_now
from lamplight_chassis.rights.caller import Caller, Vocabulary
from lamplight_chassis.rights.issuer_keys import IssuerKeys
from lamplight_chassis.rights.metrics import RightsMetrics
from lamplight_chassis.rights.settings import RightsSettings
from lamplight_chassis.rights.tokens import Tokens

VOCABULARY = Vocabulary(frozenset({"anonymous", "operator"}), frozenset({"zone"}))
FORM: dict[str, Any] = {"client_id": "desk-1", "roles": ["operator"], "scopes": {"zone": ["320507007"]}}


@pytest.fixture
async def issuer(tmp_path: Path) -> AsyncIterator[Issuer]:
    async with running_issuer(tmp_path / "issuer") as issuer:
        yield issuer


async def post(url: str, form: Any, **headers: str) -> tuple[int, Any]:
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, json=form, headers=headers, skip_auto_headers=()) as response,
    ):
        is_json = response.content_type == "application/json"
        return response.status, await (response.json() if is_json else response.text())


async def test_a_token_that_it_hands_out_is_believed(issuer: Issuer) -> None:
    settings = RightsSettings(issuer=issuer.url, audience=issuer.audience)
    metrics = RightsMetrics(CollectorRegistry())
    keys = IssuerKeys(issuer=issuer.url, jwks_url=None, refresh_s=1, retry_s=1, keep_s=9, metrics=metrics)
    tokens = Tokens(settings, keys=keys, vocabulary=VOCABULARY, now=utc_now)

    status, answer = await post(f"{issuer.url}/token", FORM)

    assert (status, answer["token_type"], answer["expires_in"]) == (200, "Bearer", 3600)
    caller = await tokens.caller(answer["access_token"].encode())
    assert caller == Caller("desk-1", frozenset({"operator"}), {"zone": frozenset({"320507007"})})


async def test_it_publishes_no_secret(issuer: Issuer) -> None:
    async with aiohttp.ClientSession() as session, session.get(f"{issuer.url}/jwks") as response:
        [key] = (await response.json())["keys"]

    assert set(key) == {"kty", "crv", "x", "kid", "alg", "use"}


@pytest.mark.parametrize(
    "change",
    [
        {"client_id": "a name with spaces"},
        {"client_id": None},
        {"roles": []},
        {"roles": "operator"},
        {"scopes": {"zone": "320507007"}},
        {"lifetime_s": 10**9},
        {"password": "x"},
    ],
)
async def test_a_form_that_is_wrong_is_refused(issuer: Issuer, change: dict[str, object]) -> None:
    status, _ = await post(f"{issuer.url}/token", {**FORM, **change})

    assert status == 422


async def test_what_a_page_in_a_browser_can_send_is_refused(issuer: Issuer) -> None:
    plain = await post(f"{issuer.url}/token", FORM, **{"content-type": "text/plain"})
    renamed = await post(f"{issuer.url}/token", FORM, host="evil.test")
    by_name = await post(f"{issuer.url}/token", FORM, host="localhost:8009")

    assert (plain[0], renamed[0], by_name[0]) == (415, 403, 200)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.test", ""])
def test_it_binds_nowhere_else(host: str) -> None:
    with pytest.raises(CannotRun, match="loopback"):
        require_loopback(host)


def test_the_command_refuses_another_address(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="loopback"):
        main(["--folder", str(tmp_path), "--host", "0.0.0.0"])


async def test_a_port_that_is_taken_is_said(issuer: Issuer, tmp_path: Path) -> None:
    port = int(issuer.url.rpartition(":")[2])

    with pytest.raises(PortTaken, match=f"port {port}"):
        async with running_issuer(tmp_path / "second", port=port):
            pass


def test_keys_stay_between_runs_and_nobody_else_can_read_them(tmp_path: Path) -> None:
    first = SigningKeys(tmp_path / "issuer")
    again = SigningKeys(tmp_path / "issuer")

    assert again.signing.kid == first.signing.kid
    assert stat.S_IMODE((tmp_path / "issuer" / FILE).stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "issuer").stat().st_mode) == 0o700


def test_keys_that_others_can_read_are_refused(tmp_path: Path) -> None:
    SigningKeys(tmp_path)
    (tmp_path / FILE).chmod(0o644)

    with pytest.raises(CannotRun, match="chmod 600"):
        SigningKeys(tmp_path)


def test_a_rotation_keeps_the_key_before_for_a_while(tmp_path: Path) -> None:
    keys = SigningKeys(tmp_path)
    first = keys.signing.kid
    keys.rotate("ES256")
    second = keys.signing.kid

    assert [key["kid"] for key in SigningKeys(tmp_path).public()["keys"]] == [second, first]
    keys.rotate("RS256")
    assert [key["kid"] for key in SigningKeys(tmp_path).public()["keys"]] == [keys.signing.kid, second]


async def test_the_command_serves_and_says_what_services_need(tmp_path: Path) -> None:
    arguments = [sys.executable, "-m", "deploy.issuer", "--folder", str(tmp_path), "--port", "0", "--rotate"]
    process = await asyncio.create_subprocess_exec(*arguments, stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        async with asyncio.timeout(20):
            lines = [(await process.stdout.readline()).decode().strip() for _ in range(4)]
        exported = dict(line.removeprefix("export ").split("=", 1) for line in lines[:3])

        assert exported["RIGHTS_MODE"] == "enforced"
        status, answer = await post(f"{exported['RIGHTS_ISSUER']}/token", FORM)
        assert (status, bool(answer["access_token"])) == (200, True)
    finally:
        process.terminate()
        await process.wait()
