"""Fusions of collections, queries that the log says were asked in vain, and proposals."""

from datetime import timedelta
from typing import Annotated, Literal

from litestar import Controller, get, post
from litestar.openapi.spec import Example
from litestar.params import FromPath, FromQuery, QueryParameter

from db.evaluation import selftune
from db.evaluation.selftune import CollectionFusion
from db.search import proposals, query_log
from db.search.proposals import DecidedProposal, Proposal, ProposalKind
from db.search.query_log import WeakQuery
from service.auth.callers import needs
from service.data.database import Db
from service.http.parameters import Limit, json_body
from service.http.responses import ONE, READING, WITH_BODY
from service.learned.schemas import ProposalIn

ProposalBody = Annotated[ProposalIn, json_body(Example(value={"decision": "accept"}))]
States = Literal["open", "accepted", "refused", "all"]


class FusionController(Controller):
    """Fusions of the collections that a key may see."""

    path = "/fusions"
    tags = ("evaluation",)
    opt = needs("reader")

    @get(summary="List how collections fuse their legs", responses=READING)
    async def list_fusions(
        self, database: Db, collection: FromQuery[str | None] = None
    ) -> list[CollectionFusion]:
        """Weights of legs and what they rest on: a person's word, made queries, or nothing (`default`).

        `basis.quieted` has the legs that count for less than half of the strongest one.
        """
        return await database.fetch(selftune.fusions(collection=collection))


class WeakQueryController(Controller):
    """Queries asked in vain; what people asked is for administrators."""

    path = "/weak-queries"
    tags = ("evaluation",)
    opt = needs("admin", whole=True)

    @get(summary="List queries without a good answer", responses=ONE)
    async def list_weak_queries(
        self,
        database: Db,
        collection: FromQuery[str | None] = None,
        days: Annotated[int, QueryParameter(ge=1, le=3650)] = 30,
        limit: Limit = 100,
    ) -> list[WeakQuery]:
        """From the query log, the worst first: nothing found, nothing by words (`wordless`), or weak."""
        asked = query_log.weak_queries(
            only_collection=collection, within=timedelta(days=days), k=limit
        )
        return await database.fetch(asked)


class ProposalController(Controller):
    """Proposals of every kind in one list; they quote the query log, so they are for administrators."""

    path = "/proposals"
    tags = ("evaluation",)
    opt = needs("admin", whole=True)

    @get(summary="List proposals of every kind", responses=ONE)
    async def list_proposals(
        self,
        database: Db,
        collection: FromQuery[str | None] = None,
        kind: FromQuery[ProposalKind | None] = None,
        status: FromQuery[States] = "open",
        limit: Limit = 100,
    ) -> list[Proposal]:
        """Profiles to put to a live test or to use, synonyms, queries to judge; made every night."""
        only = None if status == "all" else status
        listed = proposals.proposals(
            only_collection=collection, only_state=only, only_kind=kind, k=limit
        )
        return await database.fetch(listed)

    @post(
        "/{proposal:str}",
        summary="Accept or refuse a proposal",
        status_code=200,
        responses=WITH_BODY,
    )
    async def decide_proposal(
        self, proposal: FromPath[str], data: ProposalBody, database: Db
    ) -> DecidedProposal:
        """Accepted, a profile goes to a live test, or to use if it won one; a query to the set `to-judge`."""
        accept = data.decision == "accept"
        decided = proposals.decide(proposal=proposal, accept=accept)
        return (await database.fetch(decided))[0]
