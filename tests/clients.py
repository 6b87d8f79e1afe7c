"""Many readers at once, through a proxy, who count what their requests are answered."""

from __future__ import annotations

import http.client
import random
from collections import Counter
from collections.abc import Sequence
from threading import Event, Thread

from tests.serving import HOST, PATIENCE


class Clients:
    """Threads that send requests until they are stopped; half of them keep their connection."""

    def __init__(self, port: int, paths: Sequence[str], count: int) -> None:
        self.port, self.paths = port, paths
        self.answers: Counter[int | str] = Counter()
        """By status, or by the name of the exception where there was no answer."""
        self._end = Event()
        self._threads = [Thread(target=self._run, args=(number,)) for number in range(count)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> Counter[int | str]:
        self._end.set()
        for thread in self._threads:
            thread.join(PATIENCE)
        return self.answers

    def _run(self, number: int) -> None:
        choice, is_kept = random.Random(number), number % 2 == 0
        connection = http.client.HTTPConnection(HOST, self.port, timeout=PATIENCE)
        while not self._end.is_set():
            self.answers[self._ask(connection, choice.choice(self.paths))] += 1
            if not is_kept:
                connection.close()
        connection.close()

    def _ask(self, connection: http.client.HTTPConnection, path: str) -> int | str:
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            return type(error).__name__
        return answer.status
