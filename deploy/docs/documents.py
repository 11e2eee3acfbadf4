"""Which documents are generated, and where do they stand?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import yaml

from deploy.docs.asyncapi import asyncapi_document
from deploy.docs.event_table import event_table
from deploy.docs.examples import examples
from deploy.docs.flow_picture import flow_picture
from deploy.docs.metric_table import metric_table
from deploy.docs.schemas import event_schemas
from deploy.docs.services import RunningService, running_services

SCHEMAS = PurePosixPath("shared/events/schemas")
EXAMPLES = PurePosixPath("shared/events/examples")
GENERATED = PurePosixPath("docs/generated")
FOLDERS = (SCHEMAS, EXAMPLES, GENERATED)

LINE_WIDTH = 120


def documents() -> Mapping[PurePosixPath, str]:
    """Every generated document's text by its path in the repository; the same code always gives the same text."""
    services = running_services()
    shown = examples()
    schemas = event_schemas()
    return {
        **{SCHEMAS / f"{name}.json": _json(schema) for name, schema in schemas.items()},
        **{EXAMPLES / f"{name}.json": _json(messages) for name, messages in shown.items()},
        **{GENERATED / f"openapi-{service.name}.json": _json(_openapi(service)) for service in services},
        GENERATED / "asyncapi.yaml": _yaml(asyncapi_document(services, shown)),
        GENERATED / "events.md": event_table(schemas),
        GENERATED / "flow.md": flow_picture(services),
        GENERATED / "metrics.md": metric_table(services),
    }


def generated_files(root: Path) -> frozenset[PurePosixPath]:
    """What lies in the folders that hold nothing but generated documents."""
    found = (path for folder in FOLDERS for path in (root / folder).glob("*") if path.is_file())
    return frozenset(PurePosixPath(path.relative_to(root).as_posix()) for path in found)


def _openapi(service: RunningService) -> object:
    return service.app.openapi()


def _json(content: object) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _yaml(content: object) -> str:
    return yaml.dump(content, Dumper=_WithoutAnchors, sort_keys=False, allow_unicode=True, width=LINE_WIDTH)


class _WithoutAnchors(yaml.SafeDumper):
    """Writes a value that is used twice out twice: anchors make a document hard to read."""

    def ignore_aliases(self, _data: object) -> bool:
        """Every value is written out."""
        return True
