"""How does what happens in the demo come together for those who watch?"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from dataclasses import replace

from deploy.demo.alerts import Alert
from deploy.demo.pacing import Act, ActName
from deploy.demo.scene import Progress, Scene, Seen
from deploy.demo.stopwatch import Stopwatch
from notify.audience import AlertKind

KEPT_ALERTS = 60


class Stage:
    """The players, the alert stream and the lookout write here; the views read `scene`."""

    def __init__(self, acts: Sequence[Act]) -> None:
        self._began_s = time.monotonic()
        self._stopwatch = Stopwatch()
        self._act: ActName | None = None
        self._reports = {act.name: Progress(0, len(act.reports)) for act in acts}
        self._orders = Progress()
        self._alerts: deque[Alert] = deque(maxlen=KEPT_ALERTS)
        self._alert_count = 0
        self.seen = Seen()

    def begin(self, act: ActName | None, *, orders: int = 0) -> None:
        """An act begins, in which so many orders will be given; None after the last one."""
        self._act = act
        self._orders = replace(self._orders, total=self._orders.total + orders)

    def report_sent(self, act: ActName, case_id: str, sent_s: float) -> None:
        """A report of an act is taken, which was sent at this second of `time.monotonic`."""
        progress = self._reports[act]
        self._reports[act] = replace(progress, done=progress.done + 1)
        self._stopwatch.sent(case_id, sent_s)

    def order_given(self) -> None:
        """Somebody accepted, resolved or closed a case."""
        self._orders = replace(self._orders, done=self._orders.done + 1)

    def on_alert(self, alert: Alert) -> None:
        """An alert came over the stream."""
        self._alert_count += 1
        self._alerts.appendleft(alert)
        if alert.kind == AlertKind.CASE_ASSIGNED:
            self._stopwatch.arrived(alert.case_id, time.monotonic())

    def scene(self) -> Scene:
        """Everything as it is now."""
        return Scene(
            act=self._act,
            elapsed_s=time.monotonic() - self._began_s,
            reports=dict(self._reports),
            orders=self._orders,
            seen=self.seen,
            latency=self._stopwatch.latency(),
            alert_count=self._alert_count,
            alerts=tuple(self._alerts),
        )
