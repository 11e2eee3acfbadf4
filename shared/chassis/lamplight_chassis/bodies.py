"""How is a request's JSON body read: strictly, in one step, and still shown in the OpenAPI document?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from pydantic.json_schema import models_json_schema

from lamplight_chassis.forms import Form

REF = "#/components/schemas/{model}"


Model = TypeVar("Model", bound=Form)


def parse_body(model: type[Model], body: bytes) -> Model:
    """Read and check a body in one pass over its bytes.

    Raises:
        RequestValidationError: names every field that breaks its rule.
    """
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_url=False, include_input=False)) from error


def body_of(model: type[Form]) -> dict[str, Any]:
    """The `openapi_extra` of a route that reads `model` by itself."""
    schema = {"$ref": REF.format(model=model.__name__)}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def document_bodies(app: FastAPI, models: Sequence[type[Form]]) -> None:
    """Put the models of `body_of` routes among the components of the OpenAPI document."""
    _, definitions = models_json_schema([(model, "validation") for model in models], ref_template=REF)
    generate = app.openapi

    def with_bodies() -> dict[str, Any]:
        document = generate()
        document.setdefault("components", {}).setdefault("schemas", {}).update(definitions.get("$defs", {}))
        return document

    app.openapi = with_bodies  # type: ignore[method-assign]
