"""The parity report: how far ONNX Runtime is from PyTorch, and what company does to a sentence."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from export.errors import ParityError
from export.runtime import RuntimeModel, padded
from training.batches import pad
from training.checkpoint import Checkpoint
from training.decoder import Memory
from training.seq2seq import Seq2Seq

TOLERANCE: Final = 1e-5
"""The largest difference allowed between float32 outputs, of the larger of 1 and the value; also
what two log-probabilities may be apart to count as a tie. States and attention are at most 1, so
for them it is absolute. A log-probability of -10 has 5 digits left behind the point in float32,
and PyTorch's own is 1.2e-5 from the same network's in float64."""

BATCH_SIZES: Final = range(1, 34)
_STEPS, _BEAMS, _GREEDY_BATCH = 3, (1, 2, 5), 33


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class ProviderParity(_Frozen):
    """What was found on one execution provider. Differences are the largest ones from PyTorch.

    Attributes:
        encoder: of the encoder's outputs, at true positions.
        decoder_state: of the step's next decoder state.
        attention: of the step's attention.
        log_probs: of the step's log-probabilities, as a share of the larger of 1 and the value.
        log_probs_absolute: the same, in nats.
        attention_sum: distance of an attention row's sum over true positions from 1.
        sentences: held-out sentences translated greedily.
        identical: of them, those with PyTorch's tokens.
        ties: of them, those that part from PyTorch's where two tokens are a tie.
        company_tokens: of them, those whose tokens depend on what they are batched with.
        company_attention: difference of attention, alone and in company.
    """

    encoder: float
    decoder_state: float
    attention: float
    log_probs: float
    log_probs_absolute: float
    attention_sum: float
    sentences: int
    identical: int
    ties: int
    company_tokens: int
    company_attention: float


class ParityReport(_Frozen):
    """The whole report.

    Attributes:
        tolerance: the bar of every difference.
        batch_sizes: smallest and largest.
        lengths: shortest and longest source, in tokens.
        providers: what was found, by execution provider.
    """

    tolerance: float
    batch_sizes: tuple[int, int]
    lengths: tuple[int, int]
    providers: dict[str, ProviderParity]

    def require(self) -> None:
        """Check every bar.

        Raises:
            ParityError: one failed; the message says which.
        """
        for provider, found in self.providers.items():
            for bar, difference in (
                ("encoder outputs differ from PyTorch's", found.encoder),
                ("the decoder step's state differs from PyTorch's", found.decoder_state),
                ("attention differs from PyTorch's", found.attention),
                ("log-probabilities differ from PyTorch's", found.log_probs),
                ("attention rows miss a sum of 1", found.attention_sum),
                ("attention depends on what a sentence is batched with", found.company_attention),
            ):
                if not difference <= self.tolerance:
                    raise ParityError(
                        f"parity on {provider}: {bar}, by {difference:.1e} where "
                        f"{self.tolerance:.0e} is allowed; nothing was written"
                    )
            for bar, count in (
                (
                    "are translated otherwise than by PyTorch",
                    found.sentences - found.identical - found.ties,
                ),
                ("depend on what they are batched with", found.company_tokens),
            ):
                if count:
                    raise ParityError(
                        f"parity on {provider}: {count} of {found.sentences} held-out sentences "
                        f"{bar}; nothing was written"
                    )


def check_parity(checkpoint: Checkpoint, runtimes: Mapping[str, RuntimeModel]) -> ParityReport:
    """Compare the graphs of a checkpoint with its model in PyTorch.

    Args:
        checkpoint: the trained model.
        runtimes: its graphs, by execution provider.
    """
    comparison = _Comparison(checkpoint)
    longest = checkpoint.configuration.limits.max_source_tokens + 1
    return ParityReport(
        tolerance=TOLERANCE,
        batch_sizes=(BATCH_SIZES[0], BATCH_SIZES[-1]),
        lengths=(1, longest),
        providers={name: comparison.run(runtime) for name, runtime in runtimes.items()},
    )


class _Comparison:
    def __init__(self, checkpoint: Checkpoint) -> None:
        self._model: Seq2Seq = checkpoint.build_model()
        self._special = checkpoint.source.special_ids
        self._limits = checkpoint.configuration.limits
        self._sources = [
            [*ids, self._special.end]
            for ids in checkpoint.source.encode_ids(checkpoint.held_out)
            if 0 < len(ids) <= self._limits.max_source_tokens
        ]
        self._vocabularies = (checkpoint.source.vocabulary_size, checkpoint.target.vocabulary_size)

    @torch.inference_mode()
    def run(self, runtime: RuntimeModel) -> ProviderParity:
        differences = self._random_batches(runtime)
        translated, expected = self._greedy(runtime.greedy), self._greedy(self._torch_greedy)
        alone = [self._translate(runtime.greedy, [source])[0] for source in self._sources]
        identical = ties = 0
        for source, (ids, _), (wanted, _) in zip(self._sources, translated, expected, strict=True):
            identical += ids == wanted
            ties += ids != wanted and self._tie(source, ids, wanted)
        for _, rows in translated + alone:
            differences.note("attention_sum", _distance(rows.sum(axis=1), 1))
        return ProviderParity(
            **differences,
            sentences=len(self._sources),
            identical=identical,
            ties=ties,
            company_tokens=sum(a != b for (a, _), (b, _) in zip(alone, translated, strict=True)),
            company_attention=max(
                (
                    _distance(a, b)
                    for (x, a), (y, b) in zip(alone, translated, strict=True)
                    if x == y
                ),
                default=0.0,
            ),
        )

    def _random_batches(self, runtime: RuntimeModel) -> "_Largest":
        """Compare both graphs on random tokens, ragged from 1 token to the limit."""
        generator = np.random.default_rng(0)
        largest = _Largest()
        longest = self._limits.max_source_tokens + 1
        for size in BATCH_SIZES:
            lengths = generator.integers(1, longest + 1, size)
            lengths[0], lengths[-1] = 1, longest  # a batch of one has the longest
            rows = [generator.integers(4, self._vocabularies[0], n).tolist() for n in lengths]
            source_ids, counts = padded(rows)
            encoded = runtime.encode(source_ids, counts)
            memory, state = self._model.encode(
                torch.from_numpy(source_ids), torch.from_numpy(counts).long()
            )
            true = memory.mask.squeeze(1).numpy()
            largest.note(
                "encoder", _distance(encoded[0][true], memory.encoder_states.numpy()[true])
            )
            largest.note(
                "encoder", _distance(encoded[1][true], memory.projected_keys.numpy()[true])
            )
            largest.note("encoder", _distance(encoded[2], state.numpy()))
            beam = _BEAMS[size % len(_BEAMS)]
            decoder_state = np.repeat(encoded[2][:, None], beam, axis=1)
            for _ in range(_STEPS):
                previous = generator.integers(1, self._vocabularies[1], (size, beam))
                parents = generator.integers(0, beam, (size, beam))
                outputs = runtime.step(previous, parents, decoder_state, encoded, counts)
                self._compare_step(previous, parents, decoder_state, memory, outputs, largest)
                decoder_state = outputs[3]
        return largest

    def _compare_step(
        self,
        previous: NDArray[np.int64],
        parents: NDArray[np.int64],
        decoder_state: NDArray[np.float32],
        memory: Memory,
        outputs: Sequence[NDArray[Any]],
        largest: "_Largest",
    ) -> None:
        """Take the same step in PyTorch and note how far the four outputs are from it."""
        token_ids, log_probs, attention, state = outputs
        decoder = self._model.decoder
        index = torch.from_numpy(parents).unsqueeze(2).expand(-1, -1, decoder_state.shape[2])
        expected_state, expected_attention = decoder.step(
            decoder.embed(torch.from_numpy(previous)),
            torch.from_numpy(decoder_state).gather(1, index),
            memory,
        )
        everything = decoder.logits(expected_state).log_softmax(dim=2)
        best = everything.topk(token_ids.shape[2], dim=2).values.numpy()
        named = everything.gather(2, torch.from_numpy(token_ids)).numpy()
        for expected in (best, named):  # the best, in order; and those of the tokens named
            largest.note("log_probs", _distance(log_probs, expected))
            largest.note("log_probs_absolute", float(np.abs(log_probs - expected).max()))
        largest.note("decoder_state", _distance(state, expected_state.numpy()))
        largest.note("attention", _distance(attention, expected_attention.numpy()))
        true = np.where(memory.mask.numpy(), attention, 0)
        largest.note("attention_sum", _distance(true.sum(axis=2), 1))

    def _greedy(self, greedy: "_GreedyLoop") -> "list[_Translated]":
        """Translate the held-out sentences in batches, in the order in which they came."""
        return [
            translated
            for start in range(0, len(self._sources), _GREEDY_BATCH)
            for translated in self._translate(greedy, self._sources[start : start + _GREEDY_BATCH])
        ]

    def _translate(
        self, greedy: "_GreedyLoop", rows: Sequence[Sequence[int]]
    ) -> "list[_Translated]":
        return greedy(rows, self._special.begin, self._special.end, self._limits.max_target_tokens)

    def _torch_greedy(
        self, rows: Sequence[Sequence[int]], begin: int, end: int, max_tokens: int
    ) -> "list[_Translated]":
        lengths = torch.tensor([len(row) for row in rows])
        found = self._model.greedy(
            pad(rows, self._special.padding), lengths, begin, end, max_tokens
        )
        return [
            (ids, weights.numpy())
            for ids, weights in zip(found.token_ids, found.attention, strict=True)
        ]

    def _tie(self, source: list[int], ids: list[int], wanted: list[int]) -> bool:
        """Tell whether two translations part where PyTorch finds both tokens equally good."""
        ours, theirs = [*ids, self._special.end], [*wanted, self._special.end]
        place = next(
            place for place, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b
        )
        prefix = torch.tensor([[self._special.begin, *wanted[:place]]])
        logits, _ = self._model(torch.tensor([source]), torch.tensor([len(source)]), prefix)
        log_probs = logits[0, -1].log_softmax(dim=0)
        return abs(float(log_probs[ours[place]] - log_probs[theirs[place]])) < TOLERANCE


_Translated = tuple[list[int], NDArray[np.float32]]
_GreedyLoop = Callable[[Sequence[Sequence[int]], int, int, int], list[_Translated]]


class _Largest(dict[str, float]):
    """The largest of the differences noted under each name."""

    def note(self, name: str, difference: float) -> None:
        self[name] = max(self.get(name, 0.0), difference)


def _distance(found: NDArray[np.float32], wanted: NDArray[np.float32] | float) -> float:
    """Return the largest difference, of the larger of 1 and the value; infinite if one is NaN."""
    difference = float((np.abs(found - wanted) / np.maximum(1, np.abs(wanted))).max())
    return difference if difference == difference else float("inf")
