"""Errors that handlers answer with, for the documentation."""

from litestar import MediaType
from litestar.openapi.datastructures import ResponseSpec

from service.http.problems import MEDIA_TYPE
from service.monitoring.schemas import Problem


def answer(container: type, description: str, media_type: str = MediaType.JSON) -> ResponseSpec:
    """An answer as the documentation shows it, without an invented example."""
    return ResponseSpec(
        container, description=description, media_type=media_type, generate_examples=False
    )


def problem(description: str) -> ResponseSpec:
    """An error as the documentation shows it."""
    return answer(Problem, description, MEDIA_TYPE)


DONE = ResponseSpec(None, description="Done")
BAD = problem("The request is not valid: `errors` names the parts")
GONE = problem("There is no such thing, or none that the key may see")
TOO_LARGE = problem("The body is larger than the limit")
WRONG_TYPE = problem("The body is not declared as what it must be")
BUSY = problem("It cannot be done in the state that things are in")
DOWN = problem("The database or an encoder is not available; try again after `Retry-After`")
# What every handler behind the admission may answer.
ADMISSION = {
    401: problem("A key is needed, or the one shown is not valid"),
    403: problem("The key may not do this; or there are no keys yet and you are elsewhere"),
    429: problem("Too many requests; try again after `Retry-After`"),
    503: DOWN,
}
READING = {400: BAD, **ADMISSION}
ONE = {404: GONE, **READING}
WITH_BODY = {**ONE, 413: TOO_LARGE, 415: WRONG_TYPE}
