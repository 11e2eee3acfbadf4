"""What do the launcher's steps read like in Chinese?"""

from __future__ import annotations

import re
from collections.abc import Sequence

from deploy.demo.language import Language

STEPS: Sequence[tuple[re.Pattern[str], str]] = (
    (re.compile(r"Kafka's (\d+) jars are complete in (.+)"), r"Kafka 的 \1 个 jar 已齐：\2"),
    (re.compile(r"Downloading (\d+) jars, (\d+) MB"), r"下载 \1 个 jar，\2 MB"),
    (re.compile(r"(PostgreSQL|Kafka) is set up"), r"\1 已初始化"),
    (re.compile(r"Starting Kafka at (\S+) and PostgreSQL at port (\d+)"), r"启动 Kafka（\1）和 PostgreSQL（端口 \2）"),
    (re.compile(r"Ready"), "Kafka 和 PostgreSQL 已就绪"),
    (re.compile(r"Archiving Kafka's classes, .+"), "归档 Kafka 的类，下次启动只需一半时间"),
    (re.compile(r"Archived"), "归档完成"),
    (re.compile(r"Waiting for (.+) of a run that was killed"), r"等待上次被强行中止的 \1 退出"),
    (re.compile(r"Preparing topics and databases"), "准备主题和数据库"),
    (re.compile(r"Starting (\d+ x .+)"), r"启动服务 \1"),
    (re.compile(r"The services are ready"), "各服务已就绪"),
)


def step_in(language: Language, step: str) -> str:
    """A step in the reader's language; one that is not in the table stays as the launcher said it."""
    if language is Language.EN:
        return step
    return next((pattern.sub(zh, step) for pattern, zh in STEPS if pattern.fullmatch(step)), step)
