"""The translator: text in, text and attention out."""

import math
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass

import numpy as np

from jumok.bundle.alignment import AlignmentRule, WordLink, word_alignment
from jumok.bundle.errors import InvalidTextError
from jumok.bundle.tokenizer import Encoding, Tokenizer
from jumok.bundle.words import TextSpan
from jumok.decoding.driver import start_search
from jumok.decoding.hypothesis import TokenSequence
from jumok.decoding.options import Decoding
from jumok.service.delivery import Delivery
from jumok.service.errors import InvalidRequestError
from jumok.service.model import ServedModel
from jumok.service.scheduler import Job
from jumok.service.writer import SourceText, Writer, WrittenText


@dataclass(frozen=True, slots=True)
class TokensWritten:
    """New tokens of a translation, as ranges of sequences that go on growing.

    Attributes:
        tokens: the decided tokens.
        texts: what each adds to the text.
        start: the first token that is new.
        stop: where the new ones end, exclusive.
        provisional: tokens that would follow if the search ended now.
        provisional_texts: what each of them would add; the end of the sentence has no entry.
    """

    tokens: TokenSequence
    texts: Sequence[str]
    start: int
    stop: int
    provisional: TokenSequence | None = None
    provisional_texts: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class TranslationTimings:
    """Seconds since the request arrived."""

    queued: float
    first_token: float
    total: float


@dataclass(frozen=True, slots=True)
class TranslationResult:
    """A finished translation.

    Attributes:
        hypotheses: best first.
        timings: how long it took.
        seed: the seed that it was sampled with, if it was.
    """

    hypotheses: tuple[WrittenText, ...]
    timings: TranslationTimings
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class AlignedPair:
    """A given translation, scored and aligned.

    Attributes:
        source: how the source was read.
        tokens: of the target, the end last.
        texts: what each adds to the text, "" for the end.
        words: of the target.
        alignment: links between source words and these.
        rule: the rule that they were read off by.
        log_prob: sum over the tokens.
    """

    source: SourceText
    tokens: TokenSequence
    texts: Sequence[str]
    words: tuple[TextSpan, ...]
    alignment: tuple[WordLink, ...]
    rule: AlignmentRule
    log_prob: float


TranslationEvent = SourceText | TokensWritten | TranslationResult


@dataclass(frozen=True, slots=True)
class TranslationOptions:
    """How to translate.

    Attributes:
        decoding: how to decode, checked against the model's limits.
        provisional: whether provisional tokens are wanted.
        replace_unknown: see `Writer`.
    """

    decoding: Decoding
    provisional: bool = False
    replace_unknown: bool = False


class Translator:
    """Translates texts, many at once, on one event loop."""

    def __init__(self, delivery: Delivery) -> None:
        """Translate through `delivery`, which must be started first."""
        self._delivery = delivery

    async def translate(
        self,
        model: ServedModel,
        source: SourceText,
        options: TranslationOptions,
        deadline: float,
        streamed: bool = True,
    ) -> AsyncGenerator[TranslationEvent]:
        """Translate; closing the iterator stops the work before the next step.

        Args:
            model: translates.
            source: the text, as `read_text` gives it.
            options: how.
            deadline: when the caller stops waiting, in seconds of `time.monotonic`.
            streamed: whether to yield tokens as they are decided, or only the result.

        Raises:
            OverloadedError: too many sentences wait.
            DeadlineError: the deadline passed.
            EngineError: the engine failed on this sentence.
        """
        search = start_search(options.decoding, model.special)
        job = Job(
            model,
            [*source.encoding.ids, model.special.end],
            search,
            provisional=options.provisional,
            deadline=deadline,
        )
        writer = Writer(source, model.target_tokenizer, options.replace_unknown)
        written = sent = 0
        shown = False  # whether the last message had provisional tokens
        with self._delivery.running(job, streamed) as outbox:
            yield source
            finished = False
            while not finished:
                await outbox.change()
                finished = bool(outbox.hypotheses)
                writer.write(search.decided, written, outbox.decided)
                written = outbox.decided
                if finished:
                    writer.finish()
                # bytes of an unfinished character wait, so that nothing sent is taken back
                stop = sent if writer.incomplete else len(writer.texts)
                provisional, texts = outbox.provisional, list[str]()
                if provisional is not None:
                    texts = writer.continued(provisional, stop)
                    provisional = search.decided.joined(stop, written, provisional)
                if texts or (streamed and (stop > sent or (shown and provisional is not None))):
                    yield TokensWritten(
                        search.decided, writer.texts, sent, stop, provisional, texts
                    )
                    sent, shown = stop, bool(texts)
        first, *others = outbox.hypotheses
        wholes = [writer.whole(first, model.stream_rule)]
        for hypothesis in others:
            writer = Writer(source, model.target_tokenizer, options.replace_unknown)
            writer.write(hypothesis.tokens, 0, len(hypothesis.tokens))
            writer.finish()
            wholes.append(writer.whole(hypothesis, model.stream_rule))
        sampling = options.decoding.sampling
        yield TranslationResult(
            tuple(wholes),
            TranslationTimings(
                job.started - job.arrived, outbox.first - job.arrived, outbox.last - job.arrived
            ),
            None if sampling is None else sampling.seed,
        )

    async def align(
        self,
        model: ServedModel,
        source: SourceText,
        target: Encoding,
        rule: AlignmentRule,
        deadline: float,
    ) -> AlignedPair:
        """Score and align a given translation.

        Args:
            model: scores it.
            source: the source text, as `read_text` gives it.
            target: the translation, as `encode_text` gives it.
            rule: how links are read off the attention.
            deadline: when the caller stops waiting, in seconds of `time.monotonic`.

        Raises:
            OverloadedError: too many sentences wait.
            DeadlineError: the deadline passed.
            EngineError: the engine failed on this sentence.
        """
        end = model.special.end
        search = start_search(Decoding(len(target.ids), prefix=(*target.ids, end)), model.special)
        job = Job(
            model,
            [*source.encoding.ids, end],
            search,
            posterior=rule == "posterior",
            deadline=deadline,
        )
        with self._delivery.running(job, streamed=False) as outbox:
            await outbox.change()  # not streamed: there is one change, the end
        tokens = search.decided
        writer = Writer(source, model.target_tokenizer, replace_unknown=False)
        writer.write(tokens, 0, len(tokens))
        writer.finish()
        return AlignedPair(
            source,
            tokens,
            [*writer.texts, ""],
            target.words,
            word_alignment(
                np.stack(job.posterior or tokens.attention),
                source.encoding.word_indices,
                target.word_indices,
                rule,
            ),
            rule,
            math.fsum(tokens.log_probs),
        )


def read_text(model: ServedModel, field: str, text: str) -> SourceText:
    """Split a text of a request into the tokens that the model reads; see `encode_text`."""
    limits = model.description
    encoding = encode_text(
        model.source_tokenizer, field, text, limits.max_source_tokens, limits.max_text_characters
    )
    end = model.special.end
    return SourceText(text, encoding, end, model.source_tokenizer.piece(end))


def encode_text(
    tokenizer: Tokenizer, field: str, text: str, max_tokens: int, max_characters: int
) -> Encoding:
    """Split a text of a request into tokens.

    Args:
        tokenizer: of its language.
        field: the field of the request that holds it, for errors.
        text: the text.
        max_tokens: the most tokens allowed.
        max_characters: the most code points allowed; they are counted first, for splitting takes
            time.

    Raises:
        InvalidRequestError: it is empty, too long, or not Unicode text.
    """
    if len(text) > max_characters:
        raise InvalidRequestError(
            field,
            f"the text has {len(text)} characters where {max_characters} are allowed; send it in "
            "parts",
        )
    if (place := text.find("\0")) >= 0:
        raise InvalidRequestError(field, f"the text holds a NUL at character {place}")
    try:
        encoding = tokenizer.encode(text)
    except InvalidTextError as error:
        raise InvalidRequestError(field, str(error)) from error
    if not encoding.ids:
        raise InvalidRequestError(field, "the text is empty; send at least one character")
    if len(encoding.ids) > max_tokens:
        raise InvalidRequestError(
            field,
            f"the text has {len(encoding.ids)} tokens where {max_tokens} are allowed; send it in "
            "parts",
        )
    return encoding
