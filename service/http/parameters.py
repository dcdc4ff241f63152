"""Parameters and bodies that several handlers declare."""

from typing import Annotated, Any

from litestar.enums import RequestEncodingType
from litestar.openapi.spec import Example
from litestar.params import BodyKwarg, PathParameter, QueryParameter

RowId = Annotated[int, PathParameter(ge=1, le=2**63 - 1)]
Limit = Annotated[int, QueryParameter(ge=1, le=1000)]


def json_body(*examples: Example) -> Any:
    """A body of JSON, with examples for the documentation."""
    return BodyKwarg(media_type=RequestEncodingType.JSON, examples=list(examples))


def form_body(*examples: Example) -> Any:
    """A body that is a form with files, with examples for the documentation."""
    return BodyKwarg(media_type=RequestEncodingType.MULTI_PART, examples=list(examples))
