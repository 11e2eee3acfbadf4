"""How does a scene read as one plain line, for a log or a program?"""

from __future__ import annotations

from collections.abc import Iterator

from deploy.demo import words
from deploy.demo.language import STATES, Language
from deploy.demo.scene import Scene
from deploy.demo.screen import milliseconds


def plain_line(scene: Scene, language: Language) -> str:
    """One line without control codes; what is still empty is left out."""
    return " · ".join((*_progress(scene, language), *_figures(scene, language), *_health(scene, language)))


def _progress(scene: Scene, language: Language) -> Iterator[str]:
    for act, progress in scene.reports.items():
        if progress.done:
            yield f"{words.ACTS[act].of(language)} {progress.done}/{progress.total}"
    for state, word in STATES.items():
        if count := scene.seen.states.get(state):
            yield f"{word.of(language)} {count}"


def _figures(scene: Scene, language: Language) -> Iterator[str]:
    yield f"{scene.seen.rates.reports_per_s:.1f} {words.REPORTS_RATE.of(language)}"
    yield f"{scene.seen.rates.events_per_s:.1f} {words.EVENTS_RATE.of(language)}"
    yield f"{words.ALERT_COUNT.of(language)} {scene.alert_count}"
    if latency := scene.latency:
        taken = f"p50 {milliseconds(latency.p50_s)}, p95 {milliseconds(latency.p95_s)}"
        yield f"{words.LATENCY.of(language)} {taken}"


def _health(scene: Scene, language: Language) -> Iterator[str]:
    for service, is_ready in scene.seen.ready.items():
        if not is_ready:
            yield f"{service} {words.NOT_READY.of(language)}"
