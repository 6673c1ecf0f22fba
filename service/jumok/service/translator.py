"""The translator: source text in, translation and attention out."""

import asyncio
import math
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass

import numpy as np
import structlog
from numpy.typing import NDArray

from jumok.bundle.alignment import AlignmentRule, WordLink, word_alignment
from jumok.bundle.errors import BundleError, InvalidTextError
from jumok.bundle.tokenizer import Encoding, Tokenizer
from jumok.bundle.words import TextSpan
from jumok.decoding.driver import start_search
from jumok.decoding.hypothesis import TokenSequence
from jumok.decoding.options import Decoding
from jumok.runtime.errors import RuntimeSetupError
from jumok.service.call_record import current_call
from jumok.service.caller import Caller
from jumok.service.delivery import Delivery
from jumok.service.errors import EngineError, InvalidRequestError
from jumok.service.explanation import ExplainedToken, ExplainingView
from jumok.service.job import Job
from jumok.service.model import ServedModel
from jumok.service.pace import Pace
from jumok.service.writer import SourceText, Writer, WrittenText

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class TokensWritten:
    """New tokens of a translation: a range of sequences that keep growing.

    Attributes:
        tokens: all decided tokens.
        texts: the text that each of them adds.
        start: index of the first new token.
        stop: index after the last new token.
        provisional: tokens that would follow if the search ended now.
        provisional_texts: the text that each of them would add; no entry for the end.
        segment: index of their segment.
        source_start: index of the first source token of their segment.
    """

    tokens: TokenSequence
    texts: Sequence[str]
    start: int
    stop: int
    provisional: TokenSequence | None = None
    provisional_texts: Sequence[str] = ()
    segment: int = 0
    source_start: int = 0


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
        hypotheses: the hypotheses, best first.
        timings: durations.
        seed: seed of the sampling, if any.
    """

    hypotheses: tuple[WrittenText, ...]
    timings: TranslationTimings
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class AlignedPair:
    """A given translation, scored and aligned.

    Attributes:
        source: the source text and its tokens.
        tokens: the target tokens, including the end.
        texts: the text that each of them adds, "" for the end.
        words: the target words.
        alignment: links between source and target words.
        rule: alignment rule that produced the links.
        log_prob: sum of the log-probabilities of the tokens.
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
        decoding: decoding options, checked against the limits of the model.
        provisional: whether to yield provisional tokens.
        replace_unknown: see `Writer`.
    """

    decoding: Decoding
    provisional: bool = False
    replace_unknown: bool = False


class Translator:
    """Translates texts concurrently on one event loop.

    Attributes:
        pace: the pace of the loop, for the work before and after a translation.
    """

    def __init__(self, delivery: Delivery) -> None:
        """Translate through `delivery`, which must be started before the first call."""
        self._delivery = delivery
        self.pace = Pace()

    def check(self, caller: Caller, deadline: float) -> None:
        """Refuse a call early, before its text is tokenized, if it would be refused anyway.

        Raises:
            OverloadedError: too many sentences wait, or the wait is longer than the deadline.
            EngineError: the engine has stopped.
            UnavailableError: the engine hangs.
        """
        self._delivery.check(caller, deadline)

    async def translate(
        self,
        model: ServedModel,
        source: SourceText,
        options: TranslationOptions,
        deadline: float,
        caller: Caller,
        streamed: bool = True,
        counted: bool = True,
    ) -> AsyncGenerator[TranslationEvent]:
        """Translate a text; closing the iterator stops the work before the next step.

        Args:
            model: the model to use.
            source: the text, from `read_text`.
            options: how to translate.
            deadline: when the caller stops waiting, in seconds of `time.monotonic`.
            caller: who waits.
            streamed: whether to yield tokens as they are decided, or only the result.
            counted: whether a streamed text counts as a stream, and towards the limit of waiting
                sentences; not for further segments of a text.

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
            caller=caller,
            batched=not (streamed and counted),
            steps=_expected_steps(options.decoding, len(source.encoding.ids)),
        )
        writer = Writer(source, model.target_tokenizer, options.replace_unknown)
        written = sent = 0
        shown = False  # whether the last message had provisional tokens
        with self._delivery.running(job, streamed, counted) as outbox:
            yield source
            finished = False
            while not finished:
                await outbox.change()
                if finished := bool(outbox.hypotheses):
                    await self.pace.turn()  # sentences often end in the same step
                writer.write(search.decided, written, outbox.decided)
                written = outbox.decided
                if finished:
                    writer.finish()
                # hold back an incomplete character, so that sent text never changes
                stop = sent if writer.incomplete else len(writer.texts)
                provisional, texts = outbox.provisional, list[str]()
                if provisional is not None:
                    texts = writer.continued(provisional, stop)
                    provisional = search.decided.joined(stop, written, provisional)
                if texts or (streamed and (stop > sent or (shown and provisional is not None))):
                    current_call().tokens_sent(stop - sent)
                    yield TokensWritten(
                        search.decided, writer.texts, sent, stop, provisional, texts
                    )
                    sent, shown = stop, bool(texts)
        first, *others = outbox.hypotheses
        wholes = [writer.whole(first, model.stream_rule)]
        for hypothesis in others:
            await self.pace.turn()
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

    async def posterior_attention(
        self,
        model: ServedModel,
        source: SourceText,
        token_ids: Sequence[int],
        deadline: float,
        caller: Caller,
    ) -> NDArray[np.float32]:
        """Return posterior attention of a translation; see `jumok.decoding.posterior_attention`.

        Args:
            model: the model to use.
            source: the source text.
            token_ids: tokens of the translation, without the end.
            deadline: when the caller stops waiting, in seconds of `time.monotonic`.
            caller: who waits.

        Returns:
            float32 [target, source], with the end on both sides.

        Raises:
            OverloadedError, DeadlineError, EngineError: as for `align`.
        """
        _, attention = await self._force(
            model, source, token_ids, deadline, caller, posterior=True, further=True
        )
        return attention

    async def align(
        self,
        model: ServedModel,
        source: SourceText,
        target: Encoding,
        rule: AlignmentRule,
        deadline: float,
        caller: Caller,
    ) -> AlignedPair:
        """Score and align a given translation.

        Args:
            model: the model to use.
            source: the source text, from `read_text`.
            target: the translation, from `encode_text`.
            rule: alignment rule.
            deadline: when the caller stops waiting, in seconds of `time.monotonic`.
            caller: who waits.

        Raises:
            OverloadedError: too many sentences wait.
            DeadlineError: the deadline passed.
            EngineError: the engine failed on this sentence.
        """
        tokens, attention = await self._force(
            model, source, target.ids, deadline, caller, posterior=rule == "posterior"
        )
        await self.pace.turn()
        writer = Writer(source, model.target_tokenizer, replace_unknown=False)
        writer.write(tokens, 0, len(tokens))
        writer.finish()
        return AlignedPair(
            source,
            tokens,
            [*writer.texts, ""],
            target.words,
            word_alignment(
                attention,
                source.encoding.word_indices,
                target.word_indices,
                rule,
            ),
            rule,
            math.fsum(tokens.log_probs),
        )

    async def explain(
        self,
        model: ServedModel,
        source: SourceText,
        target: Encoding | None,
        index: int,
        deadline: float,
        caller: Caller,
    ) -> ExplainedToken:
        """Explain how a token of a translation was chosen.

        Args:
            model: the model to use; its engine has stages.
            source: the source text, from `read_text`.
            target: the translation, from `encode_text`; None for that of greedy decoding.
            index: index of the token.
            deadline: when the caller stops waiting, in seconds of `time.monotonic`.
            caller: who waits.

        Raises:
            InvalidRequestError: the translation has no such token.
            OverloadedError: too many sentences wait.
            DeadlineError: the deadline passed.
            EngineError: the engine failed on this sentence.
        """
        end = model.special.end
        if target is None:
            decoding = Decoding(model.limits.max_target_tokens)
        else:
            check_token_index(index, len(target.ids) + 1)
            decoding = Decoding(len(target.ids), prefix=(*target.ids, end))
        await _open_stages(model)
        view = ExplainingView(model.engine, index, model.target_tokenizer.vocabulary_size)
        search = start_search(decoding, model.special)
        job = Job(
            model,
            [*source.encoding.ids, end],
            search,
            view=view,
            deadline=deadline,
            caller=caller,
            steps=_expected_steps(decoding, len(source.encoding.ids)),
        )
        with self._delivery.running(job, streamed=False) as outbox:
            await outbox.change()  # not streamed: the only change is the end
        tokens = search.decided
        check_token_index(index, len(tokens))
        await self.pace.turn()
        writer = Writer(source, model.target_tokenizer, replace_unknown=False)
        writer.write(tokens, 0, len(tokens))
        writer.finish()
        ended = tokens.token_ids[-1] == end
        return view.explained(source, tokens, [*writer.texts, *[""] * ended])

    async def _force(
        self,
        model: ServedModel,
        source: SourceText,
        token_ids: Sequence[int],
        deadline: float,
        caller: Caller,
        posterior: bool,
        further: bool = False,
    ) -> tuple[TokenSequence, NDArray[np.float32]]:
        """Run the decoder with given tokens; return them with the end, and their attention.

        `further` tells that the call has been admitted for the same text already.
        """
        end = model.special.end
        search = start_search(Decoding(len(token_ids), prefix=(*token_ids, end)), model.special)
        job = Job(
            model,
            [*source.encoding.ids, end],
            search,
            posterior=posterior,
            deadline=deadline,
            caller=caller,
            batched=further,
            steps=len(token_ids) + 1,
        )
        with self._delivery.running(job, streamed=False, recorded=not further) as outbox:
            await outbox.change()  # not streamed: the only change is the end
        return search.decided, np.stack(job.posterior or search.decided.attention)


async def _open_stages(model: ServedModel) -> None:
    """Prepare a model to explain steps.

    Raises:
        EngineError: its bundle is not what its manifest says.
    """
    try:
        # in a thread, because the first time takes a second
        await asyncio.to_thread(model.engine.open_stages)
    except (BundleError, RuntimeSetupError) as error:
        _log.exception("a model cannot explain its tokens", model=model.description.name)
        raise EngineError(
            "the model cannot explain its tokens; see the log of the service"
        ) from error


def check_token_index(index: int, tokens: int) -> None:
    """Raise InvalidRequestError unless a translation has a token of this index."""
    if index >= tokens:
        raise InvalidRequestError(
            "token_index",
            f"token_index is {index}, but the translation has {tokens} tokens: it must be 0 to "
            f"{tokens - 1}",
        )


def _expected_steps(decoding: Decoding, source_tokens: int) -> int:
    """Return how many tokens a translation is expected to have: twice the source's at most."""
    least = max(decoding.min_tokens, len(decoding.prefix))
    return min(max(least, 2 * source_tokens), decoding.max_tokens) + 1


def read_text(model: ServedModel, field: str, text: str) -> SourceText:
    """Check and tokenize a source text; see `count_text`."""
    current_call().text_read(text)
    limits = model.description
    count_text(
        model.source_tokenizer, field, text, limits.max_source_tokens, limits.max_text_characters
    )
    return encode_source(model, text)


def encode_source(model: ServedModel, text: str) -> SourceText:
    """Tokenize a text that `count_text` has accepted; see `SourceText`."""
    end = model.special.end
    tokenizer = model.source_tokenizer
    return SourceText(text, tokenizer.encode(text), end, tokenizer.piece(end))


def encode_text(
    tokenizer: Tokenizer, field: str, text: str, max_tokens: int, max_characters: int
) -> Encoding:
    """Check and tokenize a text of a request; see `count_text`."""
    count_text(tokenizer, field, text, max_tokens, max_characters)
    return tokenizer.encode(text)


def count_text(
    tokenizer: Tokenizer, field: str, text: str, max_tokens: int, max_characters: int
) -> int:
    """Check a text of a request, and return its number of tokens.

    The cheapest checks come first, because tokenizing a long text takes time.

    Args:
        tokenizer: tokenizer of its language.
        field: field of the request that contains the text, for error messages.
        text: the text.
        max_tokens: maximum number of tokens.
        max_characters: maximum number of code points.

    Raises:
        InvalidRequestError: the text is empty, too long, or not Unicode text.
    """
    check_characters(field, text, max_characters)
    at_least = ""
    try:
        if (tokens := tokenizer.least_count(text)) > max_tokens:
            at_least = "at least "
        else:
            tokens = tokenizer.count(text)
    except InvalidTextError as error:
        raise InvalidRequestError(field, str(error)) from error
    if tokens > max_tokens:
        raise InvalidRequestError(
            field,
            f"the text has {at_least}{tokens} tokens, but only {max_tokens} are allowed; split it",
        )
    if not tokens:
        raise InvalidRequestError(field, "the text is empty; send at least one character")
    return tokens


def check_characters(field: str, text: str, max_characters: int) -> None:
    """Raise InvalidRequestError if a text is too long, or contains NUL."""
    if len(text) > max_characters:
        raise InvalidRequestError(
            field,
            f"the text has {len(text)} characters, but only {max_characters} are allowed; split it",
        )
    if (place := text.find("\0")) >= 0:
        raise InvalidRequestError(field, f"the text contains a NUL at character {place}")
