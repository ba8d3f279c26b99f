"""What a program did wrong in, an answer that a program reads out (RFC 9457)."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from starlette.responses import JSONResponse, Response

from digest.web.pages import SAFE, UNKEPT

MEDIA_TYPE = "application/problem+json"


class Problem(Exception):  # noqa: N818 - an answer
    """A request that is not answered as was hoped.

    `errors` has the place of each fault, and what it is; no values, as an answer may end up in a log.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.errors, self.headers = status, detail, errors, headers or {}


def answer(problem: Problem) -> Response:
    told: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
    }
    more = {"errors": list(problem.errors)} if problem.errors else {}
    return JSONResponse(told | more, problem.status, {**SAFE, **UNKEPT, **problem.headers}, MEDIA_TYPE)


def of_status(status: int, headers: Mapping[str, str] | None = None) -> Response:
    """Where nothing more can be said than that."""
    return answer(Problem(status, HTTPStatus(status).description or HTTPStatus(status).phrase, headers=headers))
