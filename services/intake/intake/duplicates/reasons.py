"""How is it told to a person why a report joined a case, or did not?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from intake.duplicates.likeness import Likeness
from intake.duplicates.scoring import Parts


@dataclass(frozen=True, slots=True)
class Reason:
    """One sentence in each language; it never holds a text, an address or a device."""

    zh: str
    en: str


def reason_for(parts: Parts, likeness: Likeness, alike: float | None) -> Reason:
    """What the two reports have in common, the place and time first."""
    said = [Reason(f"相距{likeness.distance_m:.0f}米", f"{likeness.distance_m:.0f} m apart"), _gap(likeness.gap_min)]
    said += _common(parts, likeness, alike)
    return Reason(
        f"并入已有案件：与较早的一条上报{'，'.join(each.zh for each in said)}。",
        f"Joined to a known case: {', '.join(each.en for each in said)} from an earlier report.",
    )


def reason_against(compared: int, burst_cases: int) -> Reason:
    """Why it is a case of its own."""
    if compared == 0:
        return Reason("新案件：附近近期没有可比的上报。", "A new case: nothing comparable was reported nearby lately.")
    if burst_cases:
        return Reason(
            "新案件：同一设备在几分钟内连续上报了不同的事项。",
            "A new case: the same device told several separate matters within minutes.",
        )
    return Reason(
        f"新案件：附近近期的{compared}条上报都不够相似。",
        f"A new case: none of the {compared} earlier reports nearby is alike enough.",
    )


def _gap(gap_min: float) -> Reason:
    if gap_min < 90:
        return Reason(f"相隔{gap_min:.0f}分钟", f"{gap_min:.0f} min apart")
    if gap_min < 48 * 60:
        return Reason(f"相隔{gap_min / 60:.0f}小时", f"{gap_min / 60:.0f} h apart")
    return Reason(f"相隔{gap_min / 1440:.0f}天", f"{gap_min / 1440:.0f} days apart")


def _common(parts: Parts, likeness: Likeness, alike: float | None) -> Iterator[Reason]:
    if parts.category > 0:
        yield Reason("类别相符", "of a matching category")
    if parts.text > 0 and alike is not None:
        yield Reason(f"文字相似度{100 * alike:.0f}%", f"with texts {100 * alike:.0f} % alike")
    if parts.address > 0:
        yield Reason("地址相符", "at a matching address")
    if parts.photo > 0:
        yield Reason(f"照片相近（差{likeness.photo_bits}位）", f"with photos alike ({likeness.photo_bits} bits differ)")
    if parts.reporter > 0:
        yield Reason("同一设备重复上报", "told again by the same device")
