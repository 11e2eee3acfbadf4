"""How is a request's JSON body read: strictly, in one step, and still shown in the OpenAPI document?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar
from uuid import UUID

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from pydantic.json_schema import models_json_schema

from lamplight_chassis.errors import Rejected
from lamplight_chassis.forms import Form, Query
from lamplight_chassis.idempotency import KEY_HEADER, MAX_KEY_LENGTH

REF = "#/components/schemas/{model}"
KEY_PARAMETER: dict[str, Any] = {
    "name": KEY_HEADER,
    "in": "header",
    "required": False,
    "description": "Your name for this request: sent again with the same body, it gets the same answer.",
    "schema": {"type": "string", "minLength": 1, "maxLength": MAX_KEY_LENGTH},
}


Model = TypeVar("Model", bound=Form)
QueryModel = TypeVar("QueryModel", bound=Query)


def parse_body(model: type[Model], body: bytes) -> Model:
    """Read and check a body in one pass over its bytes.

    Raises:
        RequestValidationError: names every field that breaks its rule.
    """
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_url=False, include_input=False)) from error


def key_header(request: Request) -> str | None:
    """The `Idempotency-Key` of a request, None when it has none.

    Raises:
        Rejected: it has several that differ, and nobody can tell which of them names it.
    """
    keys = request.headers.getlist(KEY_HEADER)
    if len(set(keys)) > 1:
        raise Rejected("bad_idempotency_key", f"{KEY_HEADER} must be given once, not {len(keys)} times")
    return keys[0] if keys else None


def path_id(request: Request, name: str) -> UUID:
    """An id from the path of a route that takes the bare request.

    Raises:
        RequestValidationError: it is not a UUID.
    """
    text = request.path_params[name]
    try:
        return UUID(text)
    except ValueError as error:
        message = f"must be a UUID, not {text[:64]!r}"
        raise RequestValidationError([{"type": "uuid_parsing", "loc": ("path", name), "msg": message}]) from error


def parse_query(model: type[QueryModel], request: Request) -> QueryModel:
    """Read and check the query of a request; of a name given twice the last counts.

    Raises:
        RequestValidationError: names every field that breaks its rule.
    """
    try:
        return model.model_validate(dict(request.query_params))
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_url=False, include_input=False)) from error


def query_of(model: type[Query], *path_ids: str) -> dict[str, Any]:
    """The `openapi_extra` of a GET route that reads `model` by itself."""
    schema = model.model_json_schema(ref_template=REF)
    parameters = [
        {"name": name, "in": "query", "required": name in schema.get("required", ()), "schema": field}
        for name, field in schema["properties"].items()
    ]
    return {"parameters": [*map(_path_parameter, path_ids), *parameters]}


def body_of(model: type[Form], *path_ids: str) -> dict[str, Any]:
    """The `openapi_extra` of a POST route that reads `model` and the Idempotency-Key by itself.

    Such a route takes the bare request: to have the framework inject these costs more than everything else it does.
    """
    schema = {"$ref": REF.format(model=model.__name__)}
    body = {"required": True, "content": {"application/json": {"schema": schema}}}
    return {"requestBody": body, "parameters": [KEY_PARAMETER, *map(_path_parameter, path_ids)]}


def document_models(app: FastAPI, models: Sequence[type[BaseModel]]) -> None:
    """Put models that routes only refer to among the components of the OpenAPI document."""
    _, definitions = models_json_schema([(model, "validation") for model in models], ref_template=REF)
    generate = app.openapi

    def with_bodies() -> dict[str, Any]:
        document = generate()
        document.setdefault("components", {}).setdefault("schemas", {}).update(definitions.get("$defs", {}))
        return document

    app.openapi = with_bodies  # type: ignore[method-assign]  # how FastAPI's own manual extends the document


def _path_parameter(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
