"""Concurrent clients (closed loop)."""

import threading
from collections import deque
from collections.abc import Callable, Sequence

from benchmarks.serving.workload import Sentence


class ClosedLoop:
    """Keeps a fixed number of sentences in progress; answers may arrive on any one thread."""

    def __init__(self, sentences: Sequence[Sentence], clients: int) -> None:
        """Prepare to submit each sentence once."""
        self._left = deque(sentences)
        self._clients = clients
        self._open = len(sentences)
        self._done = threading.Event()

    def run(self, submit: Callable[[Sentence], None]) -> None:
        """Submit a sentence per client, and wait until all sentences are answered."""
        # taken before any is submitted, because answers on another thread take further ones
        first = [self._left.popleft() for _ in range(min(self._clients, len(self._left)))]
        for sentence in first:
            submit(sentence)
        self._done.wait()

    def answered(self, submit: Callable[[Sentence], None]) -> None:
        """Record an answer, and submit the next sentence if any is left."""
        self._open -= 1
        if self._left:
            submit(self._left.popleft())
        if not self._open:
            self._done.set()
