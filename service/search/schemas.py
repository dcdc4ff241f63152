"""Answers of searches over HTTP, and the form that brings a picture."""

from typing import Annotated

from litestar.datastructures import UploadFile
from msgspec import UNSET, Meta, Struct, UnsetType

from db.search.listing import Bucket, Statistics
from db.search.results import Found
from db.search.rows import Facet, LegReport
from db.search.shaping import ShapeStep
from flows.search.correction import DidYouMean
from flows.search.counting import Counted, TotalOut
from flows.search.request import MAX_QUERY


class Timing(Struct, frozen=True, kw_only=True):
    """Times of the parts of a search, in milliseconds.

    Vectors of the query and the numbers on its picture; the ranking in SQL; the reranker; all.
    """

    encode_ms: float
    sql_ms: float
    rerank_ms: float
    total_ms: float


class SearchOut(Struct, frozen=True, kw_only=True):
    """The answer to a search.

    Each hit's `legs` says what every leg gave it (`null`: the leg has not the item); scores are
    higher-is-better, a leg's in its own unit. `more`: there are hits behind these, see `skip`.
    `degraded` names what was left out of the search, and why. `reranker` is the model that ordered the
    first hits (`rank` is its, `score` the search's), `numbers` are part and serial
    numbers that were read on the picture and searched for. `explain` says what each leg did,
    `explain_shape` each step of shaping. `did_you_mean` offers a correction of the query, or (`applied`)
    says that the hits are those of the corrected one. `weak`: none of the hits is near, `weak_why` says
    why, or why nobody can tell.

    `facets` (values of a key), `ranges`, `histograms` and `statistics` are over the items that match the
    words and the filter, of which `counted` were read. `total` is how many match. `cursor` gives the next
    page; `gone` are items of this one that were deleted meanwhile, or no longer pass the filter.
    `live`: the answer is of a live test; clicks on it name it.
    """

    collection: str
    hits: list[Found]
    more: bool
    degraded: list[str]
    timing: Timing
    reranker: str | None
    numbers: list[str] | UnsetType = UNSET
    facets: dict[str, list[Facet]] | UnsetType = UNSET
    ranges: dict[str, list[Bucket]] | UnsetType = UNSET
    histograms: dict[str, list[Bucket]] | UnsetType = UNSET
    statistics: dict[str, Statistics] | UnsetType = UNSET
    counted: Counted | UnsetType = UNSET
    total: TotalOut | UnsetType = UNSET
    cursor: str | UnsetType = UNSET
    gone: list[int] | UnsetType = UNSET
    explain: list[LegReport] | UnsetType = UNSET
    did_you_mean: DidYouMean | UnsetType = UNSET
    weak: bool = False
    weak_why: list[str] | UnsetType = UNSET
    live: str | UnsetType = UNSET
    explain_shape: list[ShapeStep] | UnsetType = UNSET


Visit = Annotated[str, Meta(pattern="^[A-Za-z0-9-]{8,64}$")]
DwellMs = Annotated[int, Meta(ge=1, le=86_400_000)]


class ClickIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A result that somebody opened after asking a query; `rank` is its place in the answer, from 1.

    `live`: as the answer said. `visit`: a random name, by which it is told later how long they stayed; or
    `dwell_ms` says so at once, in milliseconds.
    """

    query: Annotated[str, Meta(pattern=r"\S", max_length=MAX_QUERY)]
    external_id: Annotated[str, Meta(min_length=1, max_length=500)]
    rank: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None
    live: Annotated[str, Meta(pattern="^[0-9]{1,9}-[0-9]{1,18}$")] | None = None
    visit: Visit | None = None
    dwell_ms: DwellMs | None = None


class ClickOut(Struct, frozen=True, kw_only=True):
    """Whether a click was kept; not where the query log is off (`SEOGO_QUERY_LOG`).

    `counted`: it decided an answer of a live test.
    """

    kept: bool
    counted: bool = False


class DwellIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For how many milliseconds the item of a visit was looked at; told several times, the longest counts."""

    visit: Visit
    dwell_ms: DwellMs


class DwellOut(Struct, frozen=True, kw_only=True):
    """Whether it was kept: not where the query log is off, or does not have the visit."""

    kept: bool


class SearchForm(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A picture to search by, as a file; `request` is everything else, as JSON."""

    picture: UploadFile
    request: str = "{}"
