"""Do the documents that people write speak of files, metrics, settings and alerts that exist?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from deploy.docs.__main__ import ROOT
from deploy.docs.metric_table import metric_names
from deploy.docs.services import running_services

WRITTEN = sorted(
    path.relative_to(ROOT).as_posix()
    for pattern in ("*.md", "docs/*.md", "docs/adr/*.md", "services/*/README.md")
    for path in ROOT.glob(pattern)
)
# Where a file may stand that a document names by a part of its path.
PLACES = ("", "services", "services/intake", "services/dispatch", "services/notify", "shared/events", "shared/chassis",
          "services/notify/notify", "services/dispatch/dispatch", "services/intake/intake", "tests/chassis",
          "shared/events/lamplight_events", "shared/chassis/lamplight_chassis", "docs/generated")  # fmt: skip
METRIC = re.compile(r"`((?:grid|outbox|consumer|http|dead)_[a-z_]+(?:_total|_seconds|_rows|_records|_active))`")
FILE = re.compile(r"`([\w./-]+\.(?:py|md|yml|yaml|csv|lock|toml))`")
LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([\w-]+))?\)")


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def anchors(path: Path) -> frozenset[str]:
    titles = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return frozenset(re.sub(r"[^\w-]", "", title.lower().replace(" ", "-")) for title in titles)


def broken_links(name: str) -> Iterator[str]:
    here = ROOT / name
    for target, anchor in LINK.findall(text_of(name)):
        path = (here.parent / target) if target else here
        if not path.exists() or (anchor and anchor not in anchors(path)):
            yield f"{target}#{anchor}"


@pytest.mark.parametrize("name", WRITTEN)
def test_a_link_leads_to_a_file_and_a_heading(name: str) -> None:
    assert list(broken_links(name)) == []


@pytest.mark.parametrize("name", WRITTEN)
def test_a_file_that_is_named_exists(name: str) -> None:
    named = set(FILE.findall(text_of(name))) - {"uv.lock"}

    missing = [file for file in named if not any((ROOT / place / file).exists() for place in PLACES)]
    assert missing == []


def test_the_runbook_names_metrics_that_exist() -> None:
    known = frozenset[str]().union(*(metric_names(service.registry) for service in running_services()))

    assert set(METRIC.findall(text_of("docs/runbook.md"))) <= known


def test_the_runbook_has_no_page_without_a_rule() -> None:
    groups = yaml.safe_load((ROOT / "deploy/prometheus/rules.yml").read_text(encoding="utf-8"))["groups"]

    rules = {rule["annotations"]["runbook"].partition("#")[2] for group in groups for rule in group["rules"]}
    assert anchors(ROOT / "docs/runbook.md") - {"runbook"} == rules


def test_the_path_of_a_report_enters_each_file_once() -> None:
    table = text_of("docs/architecture.md").partition("## The path of one report")[2].partition("The other branches")[0]

    entered = re.findall(r"^\| \d+ \| `([\w./]+)`", table, re.MULTILINE)
    assert len(entered) == len(set(entered)) == 18
    assert [path for path in entered if not (ROOT / "services" / path.split("/")[0] / path).exists()] == []


@pytest.mark.parametrize("name", [name for name in WRITTEN if name.startswith("docs/adr/")])
def test_a_decision_fits_on_a_page_and_names_what_enforces_it(name: str) -> None:
    text = text_of(name)

    assert len(text.splitlines()) <= 60
    assert "**Decision.**" in text
    assert "**Enforced by**" in text


@pytest.mark.parametrize("service", ["intake", "dispatch", "notify"])
def test_a_services_readme_has_ten_lines(service: str) -> None:
    assert len(text_of(f"services/{service}/README.md").splitlines()) == 10
