"""Encoding of texts with the models of live spaces."""

from collections.abc import Sequence

from db.errors import BadRequest, UnknownName
from db.spaces.rows import Space
from encoders.base import Vectors
from service.auth.callers import Caller
from service.data.spaces import LiveSpaces
from service.models.query_vectors import QueryEncoders, TextKind

# Some seconds of a CPU; nobody else's batch goes on meanwhile.
MAX_CHARS = 200_000


class Embedder:
    """Encodes texts with the models of the live spaces."""

    def __init__(self, encoders: QueryEncoders, spaces: LiveSpaces) -> None:
        self._encoders = encoders
        self._spaces = spaces

    async def spaces(self, caller: Caller) -> list[Space]:
        """The live spaces whose model takes texts, as far as the caller sees them."""
        return [one for one in await self._spaces.seen_by(caller) if one.modality != "image"]

    async def embed(
        self, caller: Caller, name: str, texts: Sequence[str], kind: TextKind
    ) -> tuple[Space, list[Vectors]]:
        """Encode texts with the model of a space: a float32 row for each, see `QueryEncoders.batch`.

        Raises:
            UnknownName: no live space of texts has the name.
            BadRequest: too much at once.
            LegUnavailable: the encoder is unavailable, failed, or took too long.
        """
        there = {space.space: space for space in await self.spaces(caller)}
        if name not in there:
            raise UnknownName(
                f"unknown space of texts: {name}", f"There are: {', '.join(there) or 'none yet'}."
            )
        chars = sum(map(len, texts))
        if chars > MAX_CHARS:
            raise BadRequest(f"{chars:,} characters at once; {MAX_CHARS:,} are allowed")
        return there[name], await self._encoders.batch(there[name], texts, kind)

    async def token_count(self, space: Space, texts: Sequence[str], kind: TextKind) -> int:
        """Count the tokens that the model of a space reads of texts it has encoded.

        Raises:
            LegUnavailable: the encoder is unavailable, failed, or took too long.
        """
        return await self._encoders.token_count(space, texts, kind)
