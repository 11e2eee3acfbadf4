"""When does it pay to look whether a new case is assigned?"""

from __future__ import annotations

from dataclasses import dataclass

FIRST_GUESS_S = 0.05
SHORTEST_PAUSE_S = 0.01
# Small steps: all users learn together, and fifty of them often at the same moment.
LATER = 1.016
SOONER = 0.995


@dataclass(slots=True)
class Patience:
    """What the users of a city know together: how long an assignment takes at present.

    They look later after a case whose first look came too early, and a little sooner after one whose first look was
    enough, which settles where about three of four first looks are.
    """

    first_look_s: float = FIRST_GUESS_S

    def learn(self, *, looks: int, waited_s: float) -> None:
        """Note how many looks, and how many seconds, a case took until it was found assigned."""
        if looks == 1:
            self.first_look_s = max(self.first_look_s * SOONER, SHORTEST_PAUSE_S)
        else:
            self.first_look_s = max(self.first_look_s, min(self.first_look_s * LATER, waited_s))

    @property
    def next_look_s(self) -> float:
        """The pause after a look in vain."""
        return max(self.first_look_s / 4, SHORTEST_PAUSE_S)
