"""Clients that each ask for the next sentence when their last one is done."""

import threading
from collections import deque
from collections.abc import Callable, Sequence

from benchmarks.serving.workload import Sentence


class ClosedLoop:
    """Hands out sentences to so many clients, from whatever thread answers them."""

    def __init__(self, sentences: Sequence[Sentence], clients: int) -> None:
        """Prepare to hand out each sentence once."""
        self._left = deque(sentences)
        self._clients = clients
        self._open = len(sentences)
        self._done = threading.Event()

    def run(self, submit: Callable[[Sentence], None]) -> None:
        """Let every client ask, and wait until all is answered."""
        # taken before any is asked for: answers come on another thread, and take the next ones
        first = [self._left.popleft() for _ in range(min(self._clients, len(self._left)))]
        for sentence in first:
            submit(sentence)
        self._done.wait()

    def answered(self, submit: Callable[[Sentence], None]) -> None:
        """Let the client of an answered sentence ask for the next one."""
        self._open -= 1
        if self._left:
            submit(self._left.popleft())
        if not self._open:
            self._done.set()
