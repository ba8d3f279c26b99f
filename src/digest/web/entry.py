"""The web API's way in and out: token, body and answer of each operation, and the OpenAPI document of them all."""

from collections.abc import Sequence
from time import monotonic
from typing import Any

from pydantic import ValidationError
from pydantic.json_schema import models_json_schema
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from digest.store import api_tokens
from digest.web.api import OPERATIONS, ROOT, Operation, Request, fault
from digest.web.pages import SAFE, SHARED, UNKEPT
from digest.web.problems import MEDIA_TYPE, Problem, answer, of_status
from digest.web.shapes import Shape
from digest.web.visit import Context, at_pace, failure, read_body

DIALECT = "https://spec.openapis.org/oas/3.1/dialect/base"
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="digest"'}


def routes(context: Context) -> list[Route]:
    described = document(context.settings.site.base_url, list(context.settings.newsletters))

    async def describe(_request: HttpRequest) -> Response:
        return JSONResponse(described, headers={**SAFE, **SHARED})

    made = [_route(context, one) for one in OPERATIONS]
    return [*made, Route(f"{ROOT}/openapi.json", describe, methods=["GET"])]


def _route(context: Context, operation: Operation) -> Route:
    async def endpoint(request: HttpRequest) -> Response:
        body = await read_body(request)
        began = monotonic()
        told = await run_in_threadpool(_answer, context, operation, request, body)
        if operation.paced:
            await at_pace(context, began)
        return told

    return Route(ROOT + operation.path, endpoint, methods=[operation.method])


def _answer(context: Context, operation: Operation, request: HttpRequest, body: bytes) -> Response:
    try:
        asked = Request(
            context=context,
            token=_token(context, operation, request),
            newsletter=request.path_params.get("newsletter", ""),
            body=_body(operation, request, body),
            now=context.clock(),
        )
        given = operation.act(asked)
    except Problem as problem:
        return answer(problem)
    except Exception as error:  # noqa: BLE001 - whatever it is, the program gets an answer and the log gets the place
        failure(error)
        return of_status(500)
    return Response(given.model_dump_json(), operation.status, {**SAFE, **UNKEPT}, "application/json")


def _token(context: Context, operation: Operation, request: HttpRequest) -> api_tokens.ApiToken:
    kind, _, value = request.headers.get("authorization", "").partition(" ")
    found = None
    if kind.lower() == "bearer":
        with context.database.read() as db:
            found = api_tokens.find(db, value.strip())
    if found is None:
        raise Problem(401, "A token is needed: Authorization: Bearer dgt_…", headers=CHALLENGE)
    if operation.scope not in found.scopes:
        raise Problem(403, f"This token is not for that: it lacks the scope {operation.scope}.")
    return found


def _body(operation: Operation, request: HttpRequest, body: bytes) -> Shape:
    if operation.takes is None:
        return Shape()
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Problem(415, "The body has to be application/json.")
    try:
        return operation.takes.model_validate_json(body)
    except ValidationError as error:
        # Without its values: they may be somebody's address.
        found = error.errors(include_url=False, include_context=False, include_input=False)
        if found[0]["type"] == "json_invalid":
            raise Problem(400, "The body is not JSON.") from None
        faults = [fault("/".join(str(part) for part in one["loc"]), one["msg"]) for one in found]
        raise Problem(422, "The body is not as it should be.", errors=faults) from None


def document(base_url: str, newsletters: Sequence[str]) -> dict[str, Any]:
    """OpenAPI 3.1, from the same table as the routes."""
    shapes = [shape for one in OPERATIONS for shape in (one.takes, one.gives) if shape]
    _, schemas = models_json_schema(
        [(shape, "validation") for shape in shapes], ref_template="#/components/schemas/{model}"
    )
    schemas["$defs"]["Joining"]["properties"]["newsletter"]["enum"] = list(newsletters)
    paths: dict[str, dict[str, Any]] = {}
    for one in OPERATIONS:
        paths.setdefault(one.path, {})[one.method.lower()] = _described(one, newsletters)
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": DIALECT,
        "info": {"title": "digest", "version": "1", "summary": "For programs of the publisher."},
        "servers": [{"url": base_url + ROOT}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": {**schemas["$defs"], "Problem": PROBLEM},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _described(one: Operation, newsletters: Sequence[str]) -> dict[str, Any]:
    statuses = sorted({401, 403, 408, 413, 500, *one.problems, *((400, 415, 422) if one.takes else ())})
    told: dict[str, Any] = {
        "operationId": one.name,
        "summary": one.summary,
        "description": f"Needs the scope `{one.scope}`.",
        "responses": {
            str(int(one.status)): _content(one.status.phrase, "application/json", one.gives.__name__),
            **{str(status): _content("What is wrong.", MEDIA_TYPE, "Problem") for status in statuses},
        },
    }
    if "{newsletter}" in one.path:
        named = {"type": "string", "enum": list(newsletters)}
        told["parameters"] = [{"name": "newsletter", "in": "path", "required": True, "schema": named}]
    if one.takes:
        told["requestBody"] = {"required": True, "content": _schema("application/json", one.takes.__name__)}
    return told


def _content(description: str, kind: str, shape: str) -> dict[str, Any]:
    return {"description": description, "content": _schema(kind, shape)}


def _schema(kind: str, shape: str) -> dict[str, Any]:
    return {kind: {"schema": {"$ref": f"#/components/schemas/{shape}"}}}


PROBLEM = {
    "type": "object",
    "description": "RFC 9457.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}
