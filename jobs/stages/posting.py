"""Posting signed events to receivers: public ones, and those that the settings name."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

import httpx

from encoders.pictures import public_hosts
from encoders.pictures.sources import PictureUnavailable, public_address

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from db.operations.webhooks import ClaimedDelivery
    from jobs.stages.settings import WorkerSettings


class Posted(NamedTuple):
    """The HTTP status of a receiver, None where it gave none, and why it does not count; None: it does."""

    status: int | None
    error: str | None


class Poster:
    """Posts messages; follows no redirects, and reads no answers."""

    def __init__(self, settings: WorkerSettings) -> None:
        """Prepare."""
        self._private = frozenset(settings.webhook_hosts.lower().split())
        self._timeout_s = settings.webhook_timeout_s
        self._trusted = httpx.create_ssl_context()
        # Looking up a name cannot be given up: who waits for it can.
        self._names = ThreadPoolExecutor(4, thread_name_prefix="seogo-receivers")

    def close(self) -> None:
        """Stop the threads."""
        self._names.shutdown(wait=False, cancel_futures=True)

    async def post_all(
        self, messages: Sequence[ClaimedDelivery]
    ) -> AsyncIterator[tuple[ClaimedDelivery, Posted]]:
        """Post messages side by side; each with its answer, as they come."""
        async with httpx.AsyncClient(
            timeout=self._timeout_s, follow_redirects=False, verify=self._trusted
        ) as client:
            for one in asyncio.as_completed([self._answered(client, m) for m in messages]):
                yield await one

    async def _answered(
        self, client: httpx.AsyncClient, message: ClaimedDelivery
    ) -> tuple[ClaimedDelivery, Posted]:
        try:
            async with asyncio.timeout(self._timeout_s):
                status = await self._post(client, message)
        except TimeoutError:
            return message, Posted(None, f"no answer within {self._timeout_s:g} s")
        except PictureUnavailable as exc:
            return message, Posted(None, f"{exc}; SEOGO_WEBHOOK_HOSTS names receivers within")
        except (httpx.HTTPError, httpx.InvalidURL) as exc:
            return message, Posted(None, str(exc) or type(exc).__name__)
        error = None if httpx.codes.is_success(status) else f"the receiver answered {status}"
        return message, Posted(status, error)

    async def _post(self, client: httpx.AsyncClient, message: ClaimedDelivery) -> int:
        url = httpx.URL(message.url)
        loop = asyncio.get_running_loop()
        # Asked by the address that was checked: the name might lead elsewhere a moment later.
        address = await loop.run_in_executor(self._names, self._address, url)
        async with client.stream(
            "POST",
            url.copy_with(host=address),
            content=message.body.encode(),
            headers={
                "Host": url.netloc.decode("ascii"),
                "Content-Type": "application/json",
                "User-Agent": "seogo",
                "webhook-id": message.message_id,
                "webhook-timestamp": str(message.signed_at),
                "webhook-signature": message.signature,
            },
            extensions={"sni_hostname": url.raw_host.decode("ascii")},
        ) as response:
            return response.status_code

    def _address(self, url: httpx.URL) -> str:
        """The address to connect to.

        Raises:
            PictureUnavailable: the host is unknown, or neither public nor named by the settings.
        """
        if url.netloc.decode("ascii").lower() not in self._private:
            return public_address(url)
        found = public_hosts.addresses(url.raw_host.decode("ascii"))
        if not found:
            raise PictureUnavailable(f"unknown host {url.host}")
        return str(found[0])
