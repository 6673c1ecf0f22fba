"""The record of a call: its sizes, times and status, for log lines, metrics and traces."""

import time
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final, Protocol

from jumok.service.caller import authenticated
from jumok.service.errors import ServiceError

REQUEST_ID: Final = "x-request-id"
"""Key of the metadata with the id of a call, from and to the caller."""


class TimedJob(Protocol):
    """What is observed of a scheduler's job; times are in seconds of `time.monotonic`.

    Attributes:
        source: token ids of the source, including the end.
        arrived: when the job was created.
        started: when its encoding began; 0 before.
        encoded: when its encoding ended; 0 before.
    """

    source: Sequence[int]
    arrived: float
    started: float
    encoded: float


class CallObserver:
    """Is told of the calls, on the event loop and in the context of the call. Does nothing itself.

    No method receives the text of a request or a response.
    """

    def call_started(self, call: "CallRecord", metadata: Mapping[str, str]) -> None:
        """Observe that a method is about to run; `metadata` is the caller's."""

    def refused(self, call: "CallRecord", error: ServiceError) -> None:
        """Observe that a call, or one text of a batch, ends with an error."""

    def tokens_sent(self, call: "CallRecord", seconds_per_token: float) -> None:
        """Observe a message with tokens that is not the first of its stream."""

    def text_ended(self, call: "CallRecord", job: TimedJob, target_tokens: int) -> None:
        """Observe that the scheduler needs a text no longer: it is finished, or was given up."""

    def call_ended(self, call: "CallRecord") -> None:
        """Observe that a call has ended."""


@dataclass(slots=True, eq=False)
class CallRecord:
    """What may be known of a call outside of it: never its texts.

    Attributes:
        method: full name of the method, such as "/jumok.v1.TranslationService/Translate"; "" if it
            does not exist.
        request_id: the caller's `x-request-id`, or a new one.
        caller: name of the caller, see `Caller`.
        observers: are told of the call.
        model: name of the model that was found for it.
        texts: number of source texts read so far.
        characters: their code points.
        source_tokens: tokens of the texts that were admitted.
        target_tokens: decided tokens of the texts that have ended, ends of sentences included.
        queued: the longest that one of the texts waited to be encoded, in seconds.
        first_token: seconds until the first token was ready to be sent, if any.
        total: seconds until the call ended.
        status: name of its gRPC status.
        arrived: when it arrived, in seconds of `time.monotonic`.
    """

    method: str = ""
    request_id: str = ""
    caller: str = ""
    observers: Sequence[CallObserver] = ()
    model: str = ""
    texts: int = 0
    characters: int = 0
    source_tokens: int = 0
    target_tokens: int = 0
    queued: float | None = None
    first_token: float | None = None
    total: float = 0.0
    status: str = "OK"
    arrived: float = field(default_factory=time.monotonic)
    _sent: float = 0.0

    @property
    def key(self) -> str:
        """Name of the caller's API key; "" without keys."""
        caller = authenticated.get()
        return "" if caller is None else caller.name

    @property
    def trailing_metadata(self) -> Sequence[tuple[str, str]]:
        """Metadata that is returned to the caller when the call ends."""
        return ((REQUEST_ID, self.request_id),) if self.request_id else ()

    def text_read(self, text: str) -> None:
        """Count a source text."""
        self.texts += 1
        self.characters += len(text)

    def tokens_sent(self, count: int) -> None:
        """Record that a message with this many tokens is sent to a stream."""
        now = time.monotonic()
        if self.first_token is None:
            self.first_token = now - self.arrived
        elif count:
            for observer in self.observers:
                observer.tokens_sent(self, (now - self._sent) / count)
        self._sent = now

    def refused(self, error: ServiceError) -> None:
        """Record that the call, or one text of a batch, ends with an error."""
        for observer in self.observers:
            observer.refused(self, error)

    def text_ended(self, job: TimedJob, target_tokens: int) -> None:
        """Record that the scheduler needs a text no longer, after `target_tokens` tokens."""
        self.source_tokens += len(job.source) - 1  # without the end
        self.target_tokens += target_tokens
        self.queued = max(self.queued or 0.0, waited(job))
        for observer in self.observers:
            observer.text_ended(self, job, target_tokens)

    def end(self, status: str) -> None:
        """Record that the call has ended."""
        self.status = status
        self.total = time.monotonic() - self.arrived
        for observer in self.observers:
            observer.call_ended(self)


current: ContextVar[CallRecord | None] = ContextVar("current_call", default=None)


def current_call() -> CallRecord:
    """Return the record of the current call; outside of calls one that nobody observes."""
    return current.get() or CallRecord()


def waited(job: TimedJob) -> float:
    """Return how long a job waited to be encoded, in seconds, or has waited until now."""
    return (job.started or time.monotonic()) - job.arrived
