"""What does the OpenAPI document say of credentials, and of who may call what?"""

from __future__ import annotations

import re
from typing import Any

from fastapi import FastAPI

from lamplight_chassis.problems import MEDIA_TYPE
from lamplight_chassis.rights.matrix import Entry, Matrix, row_method

SCHEMES: dict[str, Any] = {
    "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    "api_key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
}
CONVERTER = re.compile(r":\w+}")  # of a path parameter: the document does not show it
_PROBLEM = {"content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
UNKNOWN: dict[str, Any] = {"description": "No credentials where some are needed, or credentials that are no good."}
FORBIDDEN: dict[str, Any] = {
    "description": "The caller's roles or scopes do not reach so far; `detail` says what would."
}
AWAY: dict[str, Any] = {"description": "The issuer of tokens cannot be reached; try again after `Retry-After`."}


def document_rights(app: FastAPI, matrix: Matrix) -> None:
    """Add the ways to sign in, who may call each operation, and the answers to whoever may not."""
    entries = {(entry.method, CONVERTER.sub("}", entry.path)): entry for entry in matrix.entries}
    generate = app.openapi

    def with_rights() -> dict[str, Any]:
        document = generate()
        document.setdefault("components", {})["securitySchemes"] = SCHEMES
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                _document(operation, entries[row_method(method.upper()), path])
        return document

    app.openapi = with_rights  # type: ignore[method-assign]


def _document(operation: dict[str, Any], entry: Entry) -> None:
    named: list[dict[str, Any]] = [{name: []} for name in SCHEMES]
    operation["security"] = [{}, *named] if entry.is_for_everybody else named
    operation["x-roles"] = sorted([*entry.roles, *(f"{role}:{bound}" for role, bound in entry.bound_roles.items())])
    responses = operation["responses"]
    responses["401"] = {**UNKNOWN, **_PROBLEM}
    if not entry.is_for_everybody:
        responses["403"] = {**FORBIDDEN, **_PROBLEM}
    responses.setdefault("503", {**AWAY, **_PROBLEM})
