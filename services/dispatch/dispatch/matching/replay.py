"""How is a decision written down so that it can be made again, with the same result?

The record holds the open cases, the candidate pairs, and every worker in one; others played no part.
"""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import numpy as np

from dispatch.matching.candidates import pairs_between
from dispatch.matching.cases import Cases
from dispatch.matching.engine import Plan, decide_among
from dispatch.matching.parameters import parameters_from
from dispatch.matching.problem import problem_of
from dispatch.matching.workers import Workers

INTEGERS = frozenset({"category", "skills", "vehicles", "vehicle", "load", "capacity", "accepted"})


def record_of(plan: Plan) -> str:
    """The decision's inputs, its parameters, and what came out, as JSON."""
    problem = plan.problem
    rows = np.unique(plan.pairs.worker)
    workers = problem.workers.take(rows)
    asked_pairs = [divmod(int(key), len(problem.workers)) for key in problem.asked.tolist()]
    case_ids, worker_ids = problem.cases.ids.tolist(), problem.workers.ids.tolist()
    document = {
        "now_s": problem.now_s,
        "hour": problem.hour,
        "clears_in_s": problem.clears_in_s,
        "parameters": json.loads(plan.parameters.as_json()),
        "cases": _plain(problem.cases),
        "workers": _plain(workers),
        "asked_before": [(case_ids[case], worker_ids[worker]) for case, worker in asked_pairs],
        "pairs": {
            "case": plan.pairs.case.tolist(),
            "worker": np.searchsorted(rows, plan.pairs.worker).tolist(),
        },
        "asked": plan.asks(),
        "held": plan.holds(),
    }
    return json.dumps(document, ensure_ascii=False)


def replayed(record: str) -> Plan:
    """Decide again from a record."""
    document: dict[str, Any] = json.loads(record)
    asked: dict[int | str, set[int | str]] = {}
    for case_id, worker_id in document["asked_before"]:
        asked.setdefault(case_id, set()).add(worker_id)
    problem = problem_of(
        Cases(**_columns(document["cases"])),
        Workers(**_columns(document["workers"])),
        now_s=document["now_s"],
        hour=document["hour"],
        clears_in_s=document["clears_in_s"],
        asked=asked,
    )
    rows = {name: np.array(document["pairs"][name], dtype=np.int64) for name in ("case", "worker")}
    pairs = pairs_between(problem, rows["case"], rows["worker"])
    return decide_among(problem, pairs, parameters_from(json.dumps(document["parameters"])))


def _plain(table: Cases | Workers) -> dict[str, list[Any]]:
    return {
        each.name: [None if value == np.inf else value for value in _list(table, each.name)] for each in fields(table)
    }


def _list(table: Cases | Workers, name: str) -> list[Any]:
    values: list[Any] = getattr(table, name).tolist()
    return values


def _columns(table: dict[str, list[Any]]) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for name, values in table.items():
        finite = [np.inf if value is None else value for value in values]
        if name == "ids":
            columns[name] = np.array(finite)
        else:
            columns[name] = np.array(finite, dtype=np.int64 if name in INTEGERS else np.float64)
    return columns
