"""Which set of pairs has the highest gain, when each case and each worker may stand in one only?"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from dispatch.matching.columns import Flags, Floats, Ints

LEFT_OPEN = 1.0
"""Weight of leaving a case open; every pair weighs less, so that zero never stands for "no edge"."""


def best_pairs(case: Ints, worker: Ints, gain: Floats) -> Flags:
    """Flags of the pairs in an optimal assignment (sparse LAPJV); pairs without gain are left out.

    Arguments:
        case, worker: rows of each pair. gain: what the pair is worth, on any scale.
    """
    flags = np.zeros(len(gain), dtype=np.bool_)
    worthy = np.flatnonzero(gain > 0)
    if not len(worthy):
        return flags
    rows, row_of = np.unique(case[worthy], return_inverse=True)
    columns, column_of = np.unique(worker[worthy], return_inverse=True)
    top = float(gain[worthy].max())
    weights = LEFT_OPEN + (top - gain[worthy]) / top
    open_columns = np.arange(len(rows)) + len(columns)
    graph = csr_array(
        (
            np.concatenate((weights, np.full(len(rows), LEFT_OPEN + 1.0))),
            (np.concatenate((row_of, np.arange(len(rows)))), np.concatenate((column_of, open_columns))),
        ),
        shape=(len(rows), len(columns) + len(rows)),
    )
    chosen = np.full(len(rows), -1)
    matched_rows, matched_columns = min_weight_full_bipartite_matching(graph)
    chosen[matched_rows] = matched_columns
    flags[worthy] = chosen[row_of] == column_of
    return flags
