"""Asking the application for everything that belongs to a copy, by following its own links.

Pictures are written as they come. Texts wait in the spool until it is known what there is. What
pages show is none of its business: a new page, or a new state of one, is found by being linked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from html import unescape

from anyio import to_thread
from fastapi import FastAPI

from app.errors import MicroscopeError
from app.export.folder import Folder
from app.export.site.client import SiteResponse, ask
from app.export.site.file_names import file_of
from app.export.site.scope import ExportScope
from app.export.site.sentinel import FoundAddress, Sentinel
from app.export.site.spool import Spool

# Requests under way at a time. Pages are made by one processor; the database and the disk, for
# which others wait meanwhile, keep a few busy.
TOGETHER = 4
# What may hold addresses and is rewritten.
DRAWN = "image/svg+xml"
TEXTS = ("text/html", "application/json", "text/plain", "text/css", "text/javascript", DRAWN)
# JSON refers to far more than pages show, such as every unit's every map: it is not followed.
FOLLOWED = ("text/html", "text/plain", "text/css")


class Crawl:
    """One walk over the application, and what it has found."""

    def __init__(
        self,
        app: FastAPI,
        sentinel: Sentinel,
        scope: ExportScope,
        folder: Folder,
        tell: Callable[[int, int], None],
    ) -> None:
        self.files: dict[str, str] = {}
        """The files of the copy by `Found.key`."""
        self.aliases: dict[str, str] = {}
        """Where the application sends readers on to, by key."""
        self.spool = Spool(folder.root)
        self._app, self._sentinel, self._scope, self._folder = app, sentinel, scope, folder
        self._tell = tell
        self._known: set[str] = set()
        self._waiting: asyncio.Queue[FoundAddress] = asyncio.Queue()

    async def run(self, seeds: Iterable[FoundAddress]) -> None:
        """Ask for the seeds, and for whatever they lead to."""
        self._follow(seeds)
        async with self._app.router.lifespan_context(self._app):
            workers = [asyncio.create_task(self._work()) for _ in range(TOGETHER)]
            done = asyncio.create_task(self._waiting.join())
            try:
                await asyncio.wait([done, *workers], return_when=asyncio.FIRST_COMPLETED)
                for worker in workers:
                    if worker.done():
                        worker.result()  # raises what went wrong
            finally:
                for task in (done, *workers):
                    task.cancel()
                await asyncio.gather(done, *workers, return_exceptions=True)

    async def _work(self) -> None:
        while True:
            found = await self._waiting.get()
            await self._fetch(found)
            self._waiting.task_done()
            self._tell(len(self._known) - self._waiting.qsize(), len(self._known))

    def _follow(self, founds: Iterable[FoundAddress]) -> None:
        for found in founds:
            if found.path and found.key not in self._known and self._scope.holds(found):
                self._known.add(found.key)
                self._waiting.put_nowait(found)

    async def _fetch(self, found: FoundAddress) -> None:
        path, _, query = found.key.partition("?")
        has = self._folder.known(file_of(path, query, ""))
        headers = {"if-none-match": f'"{has}"'} if has else {}
        answer = await ask(self._app, f"{self._sentinel.prefix}{path}", query, headers)
        if answer.status == 304:
            self.files[found.key] = file_of(path, query, "")
            self._folder.keep(self.files[found.key])
        elif answer.status == 200:
            await self._keep(found, file_of(path, query, answer.media_type), answer)
        elif 300 <= answer.status < 400:
            self._lead_on(found, answer.headers["location"])
        elif answer.status >= 500:
            raise MicroscopeError(f"The page {found.key} could not be made ({answer.status}).")

    def _lead_on(self, found: FoundAddress, location: str) -> None:
        target = self._sentinel.target(found, location)
        if target is not None:
            self.aliases[found.key] = target.key
            self._follow([target])

    async def _keep(self, found: FoundAddress, file: str, answer: SiteResponse) -> None:
        self.files[found.key] = file
        if answer.media_type not in TEXTS:
            await to_thread.run_sync(self._folder.write, file, answer.body)
            return
        path = found.path if answer.media_type == "text/html" else ""
        self.spool.add(found.key, file, path, answer.media_type, answer.body)
        if answer.media_type in FOLLOWED:
            text = answer.body.decode("utf-8")
            self._follow(self._links(unescape(text) if path else text))

    def _links(self, text: str) -> Iterable[FoundAddress]:
        """The addresses in a text, each in its first state too, where links may fall back to."""
        for found in self._sentinel.find(text):
            yield from (found, found.default) if found.query else (found,)
