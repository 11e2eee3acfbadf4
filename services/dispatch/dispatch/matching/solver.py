"""Which set of pairs has the highest gain, when each case and each worker may stand in one only?

Cases whose best worker nobody else wants need no solver. Only the contested ones go through sparse LAPJV, together with
those whom its answer would displace, until it displaces nobody: then the cases outside have their very best and those
inside the best they could have without any regard for the others, so the whole is optimal.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_array
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from dispatch.matching.columns import Flags, Floats, Ints

DENSE_CELLS = 60_000
"""Up to so many cells a full matrix is solved at once: building it costs less than finding the contested cases."""
MOSTLY_CONTESTED = 0.25
"""From this share on all cases are solved at once: most would join sooner or later."""
LEFT_OPEN = 1.0
"""Weight added to every edge, so that zero never stands for "no edge"."""


def best_pairs(case: Ints, worker: Ints, gain: Floats) -> Flags:
    """Flags of the pairs in an optimal assignment; pairs without gain are left out.

    Arguments:
        case, worker: rows of each pair. gain: what the pair is worth, on any scale.
    """
    flags = np.zeros(len(gain), dtype=np.bool_)
    worthy = np.flatnonzero(gain > 0)
    if len(worthy):
        columns = (_numbered(case[worthy]), _numbered(worker[worthy]), gain[worthy])
        is_small = (int(columns[0].max()) + 1) * (int(columns[1].max()) + 1) <= DENSE_CELLS
        flags[worthy[_all_at_once(*columns) if is_small else _contested_only(*columns)]] = True
    return flags


def _numbered(rows: Ints) -> Ints:
    """Rows numbered anew without gaps, in their order: how many others there are must not decide between equals."""
    is_used = np.zeros(int(rows.max()) + 1, dtype=np.bool_)
    is_used[rows] = True
    return (np.cumsum(is_used) - 1)[rows]


def _all_at_once(case: Ints, worker: Ints, gain: Floats) -> Ints:
    """Indexes of the optimal pairs by dense LAPJV; cells without a pair gain nothing."""
    shape = (int(case.max()) + 1, int(worker.max()) + 1)
    gains = np.zeros(shape)
    gains[case, worker] = gain
    index = np.full(shape, -1)
    index[case, worker] = np.arange(len(gain))
    at = index[linear_sum_assignment(gains, maximize=True)]
    return at[at >= 0]


def _contested_only(case: Ints, worker: Ints, gain: Floats) -> Ints:
    """Indexes of the optimal pairs, all gains being above zero."""
    ranked = np.lexsort((worker, -gain, case))
    first = np.flatnonzero(np.r_[True, case[ranked][1:] != case[ranked][:-1]])
    best = ranked[first]
    wanted_by = np.bincount(worker[best])
    is_shared = wanted_by[worker[best]] > 1
    if is_shared.mean() > MOSTLY_CONTESTED:
        return _assigned(case, worker, gain)
    is_contested = np.zeros(int(case.max()) + 1, dtype=np.bool_)
    is_contested[case[best][is_shared]] = True
    while True:
        inside = np.flatnonzero(is_contested[case])
        solved = inside[_assigned(case[inside], worker[inside], gain[inside])]
        outside = best[~is_contested[case[best]]]
        displaced = outside[np.isin(worker[outside], worker[solved])]
        if not len(displaced):
            return np.concatenate((outside, solved))
        is_contested[case[displaced]] = True


def _assigned(case: Ints, worker: Ints, gain: Floats) -> Ints:
    """Indexes of the optimal pairs by sparse LAPJV; each case has a column of its own for being left open."""
    if not len(case):
        return np.zeros(0, dtype=np.int64)
    rows, row_of = np.unique(case, return_inverse=True)
    columns, column_of = np.unique(worker, return_inverse=True)
    top = float(gain.max())
    weights = np.concatenate((LEFT_OPEN + (top - gain) / top, np.full(len(rows), LEFT_OPEN + 1.0)))
    ends = np.arange(len(rows))
    edges = (np.concatenate((row_of, ends)), np.concatenate((column_of, ends + len(columns))))
    graph = csr_array((weights, edges), shape=(len(rows), len(columns) + len(rows)))
    chosen = np.full(len(rows), -1)
    matched_rows, matched_columns = min_weight_full_bipartite_matching(graph)
    chosen[matched_rows] = matched_columns
    return np.flatnonzero(chosen[row_of] == column_of)
