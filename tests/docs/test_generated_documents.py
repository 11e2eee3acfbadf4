"""Are the generated documents fresh, complete and true of the running code?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.docs.__main__ import ROOT, drift, main, write
from deploy.docs.event_table import event_table
from deploy.docs.examples import examples
from deploy.docs.metric_table import metric_names, metric_table
from deploy.docs.schemas import event_schemas
from deploy.docs.services import RunningService, running_services
from lamplight_events.topics import EVENT_TYPES, TOPICS


@pytest.fixture(scope="module")
def services() -> dict[str, RunningService]:
    return {service.name: service for service in running_services()}


def test_what_is_committed_is_what_the_code_generates() -> None:
    assert drift(ROOT) == []


def test_writing_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    write(tmp_path)
    first = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    write(tmp_path)

    assert {path: path.read_bytes() for path in first} == first


def test_drift_names_the_file_and_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path)
    (tmp_path / "docs/generated/events.md").write_text("old")
    (tmp_path / "docs/generated/flow.md").unlink()
    (tmp_path / "shared/events/schemas/grid.case.lost.v1.json").write_text("{}")

    status = main(["check", "--root", str(tmp_path)])

    told = capsys.readouterr().err
    assert status == 1
    assert "docs/generated/events.md is stale: run `python -m deploy.docs write`" in told
    assert "docs/generated/flow.md is missing" in told
    assert "shared/events/schemas/grid.case.lost.v1.json is generated no more" in told


def test_writing_removes_what_is_generated_no_more(tmp_path: Path) -> None:
    left_over = tmp_path / "shared/events/examples/grid.case.lost.v1.json"
    left_over.parent.mkdir(parents=True)
    left_over.write_text("[]")

    write(tmp_path)

    assert not left_over.exists()


@pytest.mark.parametrize("name", sorted(EVENT_TYPES))
def test_every_event_has_an_example_and_a_schema_with_its_type(name: str) -> None:
    assert examples()[name]
    assert event_schemas()[name]["$id"].endswith(name)


@pytest.mark.parametrize("name", sorted(EVENT_TYPES))
def test_every_field_of_an_event_says_what_it_means(name: str) -> None:
    fields = event_schemas()[name]["properties"]

    assert [field for field, schema in fields.items() if not schema.get("description")] == []


def test_the_event_table_names_every_topic_event_and_field() -> None:
    schemas = event_schemas()

    table = event_table(schemas)

    names = {topic.name for topic in TOPICS} | set(schemas)
    names |= {field for schema in schemas.values() for field in schema["properties"]}
    assert [name for name in names if f"`{name}`" not in table] == []


def test_services_subscribe_to_what_the_topic_table_says(services: dict[str, RunningService]) -> None:
    subscribed = {(name, topic) for name, service in services.items() for topic in service.topics_read()}

    assert subscribed == {(consumer, topic.name) for topic in TOPICS for consumer in topic.consumers}


def test_the_metric_table_has_every_metric_of_every_service(services: dict[str, RunningService]) -> None:
    table = metric_table(list(services.values()))

    families = {metric.name for service in services.values() for metric in service.registry.collect()}
    assert [name for name in families if f"`{name}" not in table] == []


def test_every_metric_asks_its_question(services: dict[str, RunningService]) -> None:
    documented = {m.name: m.documentation for service in services.values() for m in service.registry.collect()}

    assert [name for name, question in documented.items() if not question.endswith("?")] == []


def test_series_names_are_those_that_a_query_can_use(services: dict[str, RunningService]) -> None:
    names = metric_names(services["intake"].registry)

    assert {"http_requests_total", "http_request_duration_seconds_bucket", "outbox_rows"} <= names
    assert "http_requests" not in names


def references(node: Any) -> Iterator[str]:
    """Every `$ref` inside a document."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    if isinstance(node, list):
        for value in node:
            yield from references(value)


def resolve(document: Any, reference: str) -> Any:
    for part in reference.removeprefix("#/").split("/"):
        document = document[part.replace("~1", "/").replace("~0", "~")]
    return document


@pytest.mark.parametrize(
    "name", ["asyncapi.yaml", "openapi-intake.json", "openapi-dispatch.json", "openapi-notify.json"]
)
def test_every_reference_in_an_api_document_leads_somewhere(name: str) -> None:
    document = yaml.safe_load((ROOT / "docs/generated" / name).read_text(encoding="utf-8"))

    found = list(references(document))

    assert found
    assert all(resolve(document, reference) for reference in found)


def test_asyncapi_holds_a_channel_per_topic_and_the_operations_of_each_service() -> None:
    document = yaml.safe_load((ROOT / "docs/generated/asyncapi.yaml").read_text(encoding="utf-8"))

    assert document["asyncapi"] == "3.0.0"
    assert set(document["channels"]) == {topic.name for topic in TOPICS}
    assert {"intake.sends.grid.reports", "dispatch.receives.grid.reports", "notify.receives.grid.cases"} <= set(
        document["operations"]
    )
    assert set(EVENT_TYPES) <= set(document["components"]["messages"])


def test_examples_hold_no_number_that_could_be_a_phone() -> None:
    text = json.dumps(examples(), ensure_ascii=False)

    assert "phone ***" in text
