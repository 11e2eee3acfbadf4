"""When will a worker who is on site be free?

Time on site is lognormal: many short visits, a few long ones. The longer somebody has been there, the more is left.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from dispatch.matching.columns import Floats

SOON_S = 30.0


@dataclass(frozen=True, slots=True)
class OnSite:
    """Time on site: its median in seconds and the spread of its logarithm, learned from finished visits."""

    median_s: float = 480.0
    sigma: float = 0.5

    def __post_init__(self) -> None:
        if not (self.median_s > 0 and self.sigma > 0):
            raise ValueError("median_s, sigma: both must be above 0")

    @property
    def mean_s(self) -> float:
        """The expected time of a whole visit."""
        return self.median_s * math.exp(self.sigma**2 / 2)


def expected_rest_s(on_site: OnSite, elapsed_s: Floats) -> Floats:
    """Expected seconds left for visits that have lasted `elapsed_s` so far; never under half a minute."""
    log_elapsed = np.log(np.maximum(elapsed_s, 1.0) / on_site.median_s) / on_site.sigma
    lasting = np.maximum(ndtr(-log_elapsed), 1e-9)
    whole = on_site.mean_s * ndtr(on_site.sigma - log_elapsed) / lasting
    return np.maximum(whole - elapsed_s, SOON_S)
