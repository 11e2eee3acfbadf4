"""How does a developer get tokens on a laptop? `python -m deploy.issuer` hands them out until Ctrl-C."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from deploy.issuer.issuer import AUDIENCE, Issuer
from deploy.issuer.server import running_issuer
from deploy.issuer.signing_keys import SigningKeys
from deploy.local.failure import CannotRun
from deploy.local.ports import HOST

PORT = 8009


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve on a loopback address, print what services must be told, and stop at Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m deploy.issuer", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("build/issuer"), help="where the signing keys are kept")
    parser.add_argument("--host", default=HOST)
    parser.add_argument("--port", type=int, default=PORT, help="0 takes any free one")
    parser.add_argument("--audience", default=AUDIENCE)
    parser.add_argument("--rotate", action="store_true", help="sign with a new key; the one before still checks")
    given = parser.parse_args(arguments)
    try:
        if given.rotate:
            SigningKeys(given.folder).rotate()
        with suppress(KeyboardInterrupt):
            asyncio.run(_serve(given.folder, given.host, given.port, given.audience))
    except CannotRun as error:
        sys.exit(str(error))


async def _serve(folder: Path, host: str, port: int, audience: str) -> None:
    async with running_issuer(folder, host=host, port=port, audience=audience) as issuer:
        _print_use(issuer)
        await asyncio.Event().wait()


def _print_use(issuer: Issuer) -> None:
    for name, value in issuer.variables.items():
        sys.stdout.write(f"export {name}={value}\n")
    example = '{"client_id": "desk-1", "roles": ["operator"], "scopes": {}}'
    sys.stdout.write(f"curl -s {issuer.url}/token -H 'content-type: application/json' -d '{example}'\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
