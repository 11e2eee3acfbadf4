"""Who stops a server when the process that started it is gone?

Run as a script by `deploy.local.server`, one keeper per server, with nothing but the standard library. It starts the
server, prints its process id, and lives as long as the server does. It stops the server when its standard input ends or
says anything, and when its parent process is another one than it was: both happen at once when the parent is killed.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import threading
from typing import Any

PARENT_CHECK_S = 1.0


def main() -> int:
    order: dict[str, Any] = json.loads(sys.argv[1])
    server = subprocess.Popen(order["argv"], stdin=subprocess.DEVNULL, stdout=sys.stderr, **order["identity"])
    sys.stdout.write(f"{server.pid}\n")
    sys.stdout.flush()
    threading.Thread(target=_stop_when_alone, args=(server, order), daemon=True).start()
    return server.wait()


def _stop_when_alone(server: subprocess.Popen[bytes], order: dict[str, Any]) -> None:
    while os.getppid() == order["parent"] and not select.select([sys.stdin], [], [], PARENT_CHECK_S)[0]:
        continue
    server.send_signal(order["stop_signal"])
    try:
        server.wait(order["grace_s"])
    except subprocess.TimeoutExpired:
        server.kill()


if __name__ == "__main__":
    sys.exit(abs(main()))
