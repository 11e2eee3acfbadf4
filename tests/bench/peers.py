"""What have comparable systems published about their speed?"""

from __future__ import annotations

from tests.bench.result import Peer

_WHERE = "k6, March 2026, 8 vCPU, about 30 containers, 100,000 rows"
_NAME = "DIGIT Citizen Complaint Resolution System"

LIFECYCLES = (
    Peer(_NAME, "37 lifecycles/s, p95 558 ms, 50 users (create, assign, resolve, search)", _WHERE),
    Peer(_NAME, "22 / 14 / 6.3 lifecycles/s at 300,000 / 500,000 / 1,000,000 rows", "the same test"),
)
CALLS = (Peer(_NAME, "p95 333 to 338 ms, 10 users", _WHERE),)
