"""Does the log show an alert in one line?"""

from __future__ import annotations

from structlog.testing import capture_logs

from notify.channels.log import LogChannel
from tests.notify.builders import a_delivery


async def test_an_alert_is_one_line_of_the_log() -> None:
    delivery = a_delivery(channel="log", target="log", secret=None)

    with capture_logs() as logs:
        await LogChannel().send(delivery)

    [line] = logs
    assert (line["event"], line["log_level"]) == ("alert.sent", "info")
    assert (line["delivery_id"], line["case_id"]) == (str(delivery.id), str(delivery.case_id))
    assert (line["recipient"], line["kind"], line["text"]) == (delivery.recipient, delivery.kind, delivery.text_zh)
