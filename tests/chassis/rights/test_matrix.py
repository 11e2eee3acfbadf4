"""Which matrices are refused, by themselves and beside the endpoints of an app?"""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi import APIRouter, FastAPI, WebSocket
from starlette.responses import Response
from starlette.routing import Mount

from lamplight_chassis.rights.matrix import Matrix
from lamplight_chassis.rights.rules import Rules
from lamplight_chassis.rights.table import TableError
from tests.chassis.rights.parts import MATRIX, Hands, an_app, some_settings, write_matrix

HEAD = "method,path,roles,scope\n*,*,anonymous maker looker,place colour\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "line 1, header: must be method,path,roles,scope"),
        ("path,method,roles,scope\n", "line 1, header"),
        ("method,path,roles,scope\n", "line 2, method: the first row must be"),
        ("method,path,roles,scope\nGET,/,anonymous,none\n", "line 2, method: the first row must be"),
        ("method,path,roles,scope\n*,*,maker,place\n", "line 2, roles: anonymous is missing"),
        ("method,path,roles,scope\n*,*,anonymous Maker,place\n", "line 2, roles: 'Maker' is not of the form"),
        (HEAD + "get,/,maker,none\n", "line 3, method: 'get' is none of"),
        (HEAD + "GET,things,maker,none\n", "line 3, path: does not begin with /"),
        (HEAD + "GET,/,,none\n", "line 3, roles: is empty"),
        (HEAD + "GET,/,makr,none\n", "line 3, roles: 'makr' is no role; known are anonymous, looker, maker"),
        (HEAD + "GET,/,maker maker,none\n", "line 3, roles: 'maker' is there more than once"),
        (HEAD + "GET,/,maker maker:place,place=route\n", "line 3, roles: 'maker' is there more than once"),
        (HEAD + "GET,/,maker:size,none\n", "line 3, roles: 'maker:size' is restricted by nothing"),
        (HEAD + "GET,/,anonymous:place,place=route\n", "line 3, roles: 'anonymous:place' is restricted by nothing"),
        (HEAD + "GET,/,maker:place,none\n", "line 3, scope: does not say where the place of maker is found"),
        (HEAD + "GET,/,maker,\n", "line 3, scope: is empty"),
        (HEAD + "GET,/,maker,place\n", "line 3, scope: 'place' is neither none nor of the form"),
        (HEAD + "GET,/,maker,place=body:x\n", "line 3, scope: 'place=body:x' is neither"),
        (HEAD + "GET,/,maker,size=route\n", "line 3, scope: 'size' is no dimension; known are colour, place"),
        (HEAD + "GET,/,maker,place=route place=query:p\n", "line 3, scope: 'place' is there more than once"),
        (HEAD + "GET,/a/{b},maker,place=path:c\n", "line 3, scope: the path has no {c}"),
        (HEAD + "GET,/,anonymous,place=route\n", "line 3, scope: must be none"),
        (HEAD + "GET,/,maker,none\nGET,/,looker,none\n", "line 4, path: GET / is already on line 3"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_field(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(TableError) as caught:
        write_matrix(tmp_path, text)

    assert told in str(caught.value)
    assert str(tmp_path / "rights.csv") in str(caught.value)


def test_an_endpoint_without_a_row_stops_the_start(tmp_path: Path, hands: Hands) -> None:
    matrix = write_matrix(tmp_path, MATRIX.replace("POST,/things,maker,none\n", ""))

    with pytest.raises(TableError, match=r"line 16, path: the endpoint POST /things has no row"):
        an_app(matrix, some_settings(), now=hands.now)


def test_a_row_without_an_endpoint_stops_the_start(tmp_path: Path, hands: Hands) -> None:
    matrix = write_matrix(tmp_path, MATRIX + "PUT,/things,maker,none\n")

    with pytest.raises(TableError, match=r"line 17, path: there is no endpoint PUT /things"):
        an_app(matrix, some_settings(), now=hands.now)


def test_open_rights_need_a_whole_matrix_too(tmp_path: Path, hands: Hands) -> None:
    matrix = write_matrix(tmp_path, MATRIX.replace("GET,/live,anonymous,none\n", ""))

    with pytest.raises(TableError, match="GET /live has no row"):
        an_app(matrix, some_settings(mode="open"), now=hands.now)


def test_what_the_matrix_cannot_see_into_stops_the_start(tmp_path: Path) -> None:
    matrix = write_matrix(tmp_path, HEAD)
    with_socket = APIRouter()

    @with_socket.websocket("/socket")
    async def talk(socket: WebSocket) -> None: ...

    for routes in ([Mount("/inside", FastAPI())], with_socket.routes):
        with pytest.raises(TableError, match="is no plain route"):
            Rules(matrix, routes)


def test_a_route_is_judged_by_the_row_of_what_answers_it(tmp_path: Path) -> None:
    router = APIRouter()

    @router.get("/things/{thing}")
    async def show(thing: str) -> Response:
        return Response(thing)

    @router.get("/things/best")
    async def show_best() -> Response:
        return Response()

    rows = "GET,/things/{thing},maker,none\nGET,/things/best,looker,none\n"
    rules = Rules(write_matrix(tmp_path, HEAD + rows), router.routes)

    rule = rules.find({"type": "http", "method": "GET", "path": "/things/best"})

    assert rule is not None
    assert rule.route is router.routes[0]


def test_a_head_request_is_judged_like_a_get(tmp_path: Path, hands: Hands) -> None:
    app, _ = an_app(matrix := write_matrix(tmp_path), some_settings(), now=hands.now)

    rule = Rules(matrix, app.routes).find({"type": "http", "method": "HEAD", "path": "/docs"})

    assert rule is not None
    assert rule.entry.path == "/docs"


def test_a_matrix_is_read_as_it_stands(tmp_path: Path) -> None:
    matrix = write_matrix(tmp_path)

    assert isinstance(matrix, Matrix)
    [own] = [entry for entry in matrix.entries if entry.path.endswith("own")]
    assert own.roles == {"maker"}
    assert own.bound_roles == {"owner": "place"}
    assert own.needed == "maker, owner (restricted by place)"
