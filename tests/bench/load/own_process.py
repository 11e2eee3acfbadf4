"""How does the load run beside the benchmark instead of inside it?

In a process of its own: its garbage and its waiting are then not those of the measuring program, and its CPU time can
be told apart.
"""

from __future__ import annotations

import gc
import multiprocessing
from collections.abc import Callable, Coroutine
from concurrent.futures import ProcessPoolExecutor
from typing import Any, TypeVar

import uvloop

Plan = TypeVar("Plan")
Outcome = TypeVar("Outcome")

Work = Callable[[Plan], Coroutine[Any, Any, Outcome]]


def run_apart(work: Work[Plan, Outcome], plan: Plan, *, meanwhile: Callable[[], None] = lambda: None) -> Outcome:
    """Run a coroutine function of a module in a fresh process, `meanwhile` in this one, and return its outcome."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        running = pool.submit(_run, work, plan)
        meanwhile()
        return running.result()


def _run(work: Work[Plan, Outcome], plan: Plan) -> Outcome:
    gc.freeze()
    return uvloop.run(work(plan))
