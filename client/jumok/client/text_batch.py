"""Batches of texts: the requests that carry them, and the outcome of each text."""

from collections.abc import Iterable, Iterator

from jumok.client import responses
from jumok.client.decoding import DecodingOptions
from jumok.client.errors import ClientError, InvalidRequest, ServerError
from jumok.client.requests import Attention, ModelChoice, TextOptions, batch_request, check_text
from jumok.client.statuses import failure_error
from jumok.client.translation import Translation
from jumok.v1 import translation_pb2 as pb

_MOST_TEXTS = 1000  # of one request, says the wire
_MOST_BYTES = 2**19  # of the texts of one request; a server accepts 1 MiB by default
_DENSE_SIZE = 8  # how many times larger a response is with rows of attention
_ALTERNATIVE_SIZE = 0.4  # size of an alternative, compared with that of its token

Outcome = Translation | ClientError


class Batch:
    """Texts to translate, in parts of one request each."""

    def __init__(
        self,
        texts: Iterable[str],
        address: str,
        *,
        choice: ModelChoice,
        decoding: DecodingOptions | None,
        attention: Attention,
        options: TextOptions,
    ) -> None:
        """Prepare the requests to the server at `address`; raise InvalidRequest for wrong options.

        A text that a message cannot hold has its outcome at once and is not sent.
        """
        if isinstance(texts, str):
            description = "this is one text: give a list of them"
            raise InvalidRequest(f"texts: {description}", field="texts", description=description)
        texts = list(texts)
        # refused here, a wrong option is refused without any text, too
        batch_request((), choice=choice, decoding=decoding, attention=attention, options=options)
        self._outcomes: dict[int, Outcome] = {}
        for position, text in enumerate(texts):
            try:
                check_text("text", text)
            except InvalidRequest as error:
                self._outcomes[position] = error
        positions = [position for position in range(len(texts)) if position not in self._outcomes]
        most = _most_texts(decoding or DecodingOptions(), attention)
        self._parts = [
            Part(
                {position: texts[position] for position in part},
                address,
                choice=choice,
                decoding=decoding,
                attention=attention,
                options=options,
            )
            for part in _parts(positions, [len(texts[n].encode()) for n in positions], most)
        ]

    def __iter__(self) -> "Iterator[Part]":
        """Yield the parts to send."""
        return iter(self._parts)

    @property
    def outcomes(self) -> list[Outcome]:
        """The outcome of each text, in order, once all parts have theirs."""
        outcomes = dict(self._outcomes)
        for part in self._parts:
            outcomes.update(part.outcomes)
        return [outcomes[position] for position in sorted(outcomes)]


def _most_texts(decoding: DecodingOptions, attention: Attention) -> int:
    """Return how many texts one request may have, so that servers accept the response's size."""
    beam = decoding.beam_search
    size = float(beam.num_hypotheses or 1) if beam else 1.0
    size *= 1 + _ALTERNATIVE_SIZE * decoding.alternatives
    if attention == "dense":
        size *= _DENSE_SIZE
    return max(1, int(_MOST_TEXTS / size))


def _parts(positions: list[int], sizes: list[int], most: int) -> Iterator[list[int]]:
    """Split positions of texts of these sizes into the parts of one request each."""
    part: list[int] = []
    total = 0
    for position, size in zip(positions, sizes, strict=True):
        if part and (len(part) >= most or total + size > _MOST_BYTES):
            yield part
            part, total = [], 0
        part.append(position)
        total += size
    if part:
        yield part


class Part:
    """The texts of one request.

    Attributes:
        request: the request.
        outcomes: the outcome of each text, by its position in the batch.
    """

    def __init__(
        self,
        texts: dict[int, str],
        address: str,
        *,
        choice: ModelChoice,
        decoding: DecodingOptions | None,
        attention: Attention,
        options: TextOptions,
    ) -> None:
        """Prepare a request of `texts`, by their positions, to the server at `address`."""
        self._texts = texts
        self._address = address
        self.request = batch_request(
            list(texts.values()),
            choice=choice,
            decoding=decoding,
            attention=attention,
            options=options,
        )
        self.outcomes: dict[int, Outcome] = {}

    def answered(self, response: pb.TranslateBatchResponse) -> None:
        """Set the outcomes from the response."""
        if len(response.items) != len(self._texts):
            self.failed(
                ServerError(
                    f"{self._address} answered {len(response.items)} of {len(self._texts)} texts"
                )
            )
            return
        for (position, text), item in zip(self._texts.items(), response.items, strict=True):
            self.outcomes[position] = self._outcome(text, item)

    def failed(self, error: ClientError) -> None:
        """Set the same error as the outcome of each text."""
        self.outcomes = dict.fromkeys(self._texts, error)

    def _outcome(self, text: str, item: pb.BatchItem) -> Outcome:
        if item.WhichOneof("outcome") == "failure":
            return failure_error(item.failure, self._address)
        try:
            return responses.translation(text, item.translation)
        except ServerError as error:
            return error
