"""What of a free text may leave intake in an event?"""

from __future__ import annotations

import re
import unicodedata

SUMMARY_LENGTH = 200
MASK = "***"

# Mobile and landline numbers, 18-digit identity numbers, mail addresses, licence plates, house and flat numbers: an
# event is read by other organisations, and none of them needs to know who told us or where somebody lives. Every
# pattern begins where the character before cannot belong to it, so that no text is read more than once.
_PERSONAL = re.compile(
    r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[-. ]?\d{4}[-. ]?\d{4}(?!\d)"
    r"|(?<!\d)\(?0\d{2,3}\)?[- ]?\d{7,8}(?!\d)"
    r"|(?<!\d)\d{17}[\dXx](?!\d)"
    r"|(?<!\d)(?:\(\d{3}\) ?|\d{3}[-. ]?)\d{3}[-. ]?\d{4}(?!\d)"
    r"|(?<![A-Za-z0-9._+-])[A-Za-z0-9._+-]{1,64}@[\w-]+\.[\w.-]+"
    r"|[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][·• ]?[A-Z0-9]{5,6}"
    r"|(?<!\d)\d{1,4}(?:幢|栋|号楼)(?:\d{1,2}单元)?(?:\d{1,5}室?)?"
    r"|(?<!\d)\d{1,2}单元\d{1,5}室?"
    r"|(?<!\d)\d{3,5}室"
    r"|(?<=[路街巷弄里村])\d{1,5}号"
)


def summarise(text: str) -> str:
    """The beginning of a text in one line, at most 200 characters, with what could name a person masked."""
    line = " ".join(unicodedata.normalize("NFKC", text).split())
    return _PERSONAL.sub(MASK, line)[:SUMMARY_LENGTH]
