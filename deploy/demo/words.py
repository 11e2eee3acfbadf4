"""What stands on the screen, in both languages?"""

from __future__ import annotations

from collections.abc import Mapping

from deploy.demo.language import Wording
from deploy.demo.pacing import ActName
from lamplight_events.vocabulary import Outcome

TITLE = Wording("点亮 Lamplight · 苏州", "Lamplight 点亮 · Suzhou")
ACTS: Mapping[ActName, Wording] = {
    ActName.NOON: Wording("正午亮灯行动", "The noon lighting action"),
    ActName.SAN_DIEGO: Wording("圣迭戈的一个早晨", "A morning of San Diego"),
}
ORDERS = Wording("接单、处置、结案", "accept, resolve, close")
OUTCOMES: Mapping[Outcome, Wording] = {
    Outcome.PERSUADED: Wording("当场劝离", "persuaded"),
    Outcome.REFUSED: Wording("移交中队", "handed over"),
    Outcome.EDUCATED: Wording("当场教育", "educated"),
}
PATROLS = Wording("巡查", "patrols")

CASES = Wording("案卷", "Cases")
FIGURES = Wording("运行", "Running")
ALERTS = Wording("最新提醒", "Newest alerts")
REPORTS_RATE = Wording("上报/秒", "reports/s")
EVENTS_RATE = Wording("事件/秒", "events/s")
LATENCY = Wording("上报→提醒", "report→alert")
ALERT_COUNT = Wording("提醒", "alerts")
READY = Wording("正常", "ready")
NOT_READY = Wording("未就绪", "not ready")
PAGE = Wording("网页", "page")
HINT = Wording("Ctrl-C 停止", "Ctrl-C stops")

SUMMARY = Wording("核对（从外部计数）", "The sums, counted from outside")
CHECK, EXPECTED, COUNTED, WHERE = (
    Wording("核对项", "what"),
    Wording("应为", "expected"),
    Wording("实为", "counted"),
    Wording("出处", "where"),
)
ALL_RIGHT = Wording("全部相符", "Every sum is right.")
WRONG = Wording("有 {count} 项不符", "{count} of the sums are wrong.")
COUNTING = Wording("正在从外部核对", "Counting from outside")
LINKS = Wording("可以打开", "To look at")
STAYS = Wording("系统继续运行，按 Ctrl-C 停止。", "Everything stays up until Ctrl-C.")
STOPPING = Wording("正在停止：{names}", "Stopping {names}")
STOPPED = Wording("已全部停止", "Everything that was started is stopped")
NOT_COUNTED = Wording("中途停止，未核对", "Stopped before the end: nothing was counted")
SYNTHETIC = Wording(
    "街道轮廓和巡查点坐标为合成数据；圣迭戈的上报是真实数据，平移到苏州。",
    "Street outlines and patrol spots are synthetic; San Diego's reports are real, moved to Suzhou.",
)
LOST = Wording("与演示的连接断开", "The demo does not answer")
REPORTS = Wording("上报", "Reports")
