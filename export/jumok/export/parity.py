"""Comparison of ONNX Runtime with PyTorch, and of batched with single sentences."""

import copy
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from jumok.bundle.signature import ENCODER
from jumok.decoding.batch_search import pad
from jumok.decoding.step_model import StepInput, Tensors
from jumok.export.greedy import batching_effect, held_out_sources, translate
from jumok.export.parity_report import TOLERANCE, Difference, ParityReport, ProviderParity
from jumok.runtime.engine import Engine
from jumok.training.checkpoint import Checkpoint
from jumok.training.network.attention import Memory
from jumok.training.network.seq2seq import Seq2Seq
from jumok.training.network.torch_model import TorchModel

BATCH_SIZES: Final = range(1, 34)
_STEPS, _BEAMS, _CANDIDATES = 3, (1, 2, 5), 8


def check_parity(checkpoint: Checkpoint, runtimes: Mapping[str, Engine]) -> ParityReport:
    """Compare the graphs of a checkpoint with its model in PyTorch.

    Args:
        checkpoint: trained model.
        runtimes: engines of its graphs, by execution provider.
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
        self._model = checkpoint.build_model()
        self._exact = copy.deepcopy(self._model).double()
        self._special = checkpoint.source.special_ids
        self._words = checkpoint.target.vocabulary_size
        self._limits = checkpoint.configuration.limits
        self._checkpoint = checkpoint
        self._sources = held_out_sources(checkpoint)
        text = [token_id for source in self._sources for token_id in source]
        longest = self._limits.max_source_tokens + 1
        # any tokens will do if there is no held-out text
        text = text or list(range(1, checkpoint.source.vocabulary_size))
        self._text = text * (longest // len(text) + 1)

    @torch.inference_mode()
    def run(self, runtime: Engine) -> ProviderParity:
        differences, sums = self._ragged_batches(runtime)
        translated, expected = (
            translate(self._checkpoint, model, self._sources)
            for model in (runtime, TorchModel(self._model))
        )
        alone = translate(self._checkpoint, runtime, self._sources, batch=1)
        identical = ties = 0
        for source, found, wanted in zip(self._sources, translated, expected, strict=True):
            identical += found.token_ids == wanted.token_ids
            ties += found.token_ids != wanted.token_ids and self._tie(
                source, found.token_ids, wanted.token_ids
            )
        sums = max([sums, *(_distance(x.attention.sum(axis=1), 1) for x in translated + alone)])
        company_tokens, company_attention = batching_effect(translated, alone)
        return ProviderParity(
            **differences,
            attention_sum=sums,
            sentences=len(self._sources),
            identical=identical,
            ties=ties,
            company_tokens=company_tokens,
            company_attention=company_attention,
        )

    def _ragged_batches(self, runtime: Engine) -> tuple[dict[str, Difference], float]:
        """Compare both graphs on pieces of held-out text, of 1 token up to the limit.

        Returns:
            Differences by field of `ProviderParity`, and the largest error of an attention sum.
        """
        generator = np.random.default_rng(0)
        largest = _Largest()
        longest = self._limits.max_source_tokens + 1
        for size in BATCH_SIZES:
            lengths = generator.integers(1, longest + 1, size)
            lengths[0], lengths[-1] = 1, longest  # a batch of one gets the longest
            starts = generator.integers(0, len(self._text) - longest + 1, size)
            source_ids, counts = pad(
                [self._text[start : start + n] for start, n in zip(starts, lengths, strict=True)]
            )
            encoded = runtime.encode(source_ids, counts)
            expected, exact = (
                _encode(model, source_ids, counts) for model in (self._model, self._exact)
            )
            true = np.arange(source_ids.shape[1]) < counts[:, None]
            for tensor, wanted, precise in zip(ENCODER.outputs, expected, exact, strict=True):
                found = encoded[tensor.name]
                where = true if found.ndim == 3 else slice(None)
                largest.note("encoder", found[where], wanted[where], precise[where])
            beam = _BEAMS[size % len(_BEAMS)]
            rows = runtime.rows(beam, source_ids.shape[1], size)
            for row in range(size):
                rows.admit(row, encoded, row)
            previous = np.full((size, beam), self._special.begin)
            for step in range(_STEPS):
                parents, scored = (
                    generator.integers(0, below, (size, beam)) for below in (beam, self._words)
                )
                carried = rows.carried(range(size))
                outputs = rows.step(StepInput(previous, parents, scored, _CANDIDATES))
                # both step from the same inputs, so that differences do not accumulate
                expected, exact = (
                    _step(model, previous, parents, scored, carried, outputs.token_ids)
                    for model in (self._model, self._exact)
                )
                compared = (
                    ("log_probs", outputs.log_probs),  # by rank
                    ("log_probs", outputs.log_probs),  # by token id
                    ("log_probs", outputs.scored_log_probs),
                    ("attention", outputs.attention),
                    ("decoder_state", outputs.states["decoder_state"]),
                )
                for (name, found), *references in zip(compared, expected, exact, strict=True):
                    largest.note(name, found, *references)
                sums = np.where(true[:, None], outputs.attention, 0).sum(axis=2)
                largest.sums = max(largest.sums, _distance(sums, 1))
                # as in beam search: hypotheses diverge at the first step, then take the best token
                ids = outputs.token_ids
                previous = ids[:, 0, :beam] if step == 0 else ids[:, :, 0]
                rows.advance()
        return largest.differences, largest.sums

    def _tie(self, source: list[int], ids: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
        """Tell whether two translations first differ where PyTorch rates both tokens equally."""
        ours, theirs = [*ids, self._special.end], [*wanted, self._special.end]
        place = next(
            place for place, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b
        )
        prefix = torch.tensor([[self._special.begin, *wanted[:place]]])
        logits, _ = self._model(torch.tensor([source]), torch.tensor([len(source)]), prefix)
        log_probs = logits[0, -1].log_softmax(dim=0)
        return abs(float(log_probs[ours[place]] - log_probs[theirs[place]])) < TOLERANCE


class _Largest:
    """The largest difference noted for each name."""

    def __init__(self) -> None:
        self.differences: dict[str, Difference] = {}
        self.sums = 0.0

    def note(
        self, name: str, found: NDArray[Any], expected: NDArray[Any], exact: NDArray[Any]
    ) -> None:
        before = self.differences.get(name, Difference(found=0, rounding=0))
        self.differences[name] = Difference(
            found=max(before.found, _distance(found, expected)),
            rounding=max(before.rounding, _distance(expected, exact)),
        )


def _encode(model: Seq2Seq, source_ids: NDArray[Any], counts: NDArray[Any]) -> list[NDArray[Any]]:
    """Encode in PyTorch; return the outputs of the encoder graph."""
    memory, state = model.encode(torch.from_numpy(source_ids), torch.from_numpy(counts).long())
    return [tensor.numpy() for tensor in (memory.encoder_states, memory.projected_keys, state)]


def _step(
    model: Seq2Seq,
    previous: NDArray[np.int64],
    parents: NDArray[np.int64],
    scored: NDArray[np.int64],
    carried: Tensors,
    token_ids: NDArray[np.int64],
) -> list[NDArray[Any]]:
    """Step in PyTorch from the tensors that ONNX Runtime carries.

    Returns:
        Log-probabilities of the best tokens, of `token_ids` and of `scored`; attention; next state.
    """
    decoder = model.decoder
    dtype = decoder.embedding.weight.dtype
    before, states, keys = (
        torch.from_numpy(carried[name]).to(dtype)
        for name in ("decoder_state", "encoder_states", "projected_keys")
    )
    true = np.arange(states.shape[1]) < carried["source_lengths"][:, None]
    memory = Memory(states, keys, torch.from_numpy(true).unsqueeze(1))
    index = torch.from_numpy(parents).unsqueeze(2).expand(-1, -1, before.shape[2])
    inputs = decoder.read(torch.from_numpy(previous))
    after, features, attention = decoder.step(
        inputs.gates, decoder.unpack(before.gather(1, index)), memory
    )
    log_probs: Tensor = decoder.logits(features, inputs.readout).log_softmax(dim=2)
    best = log_probs.topk(token_ids.shape[2], dim=2).values
    named = log_probs.gather(2, torch.from_numpy(token_ids))
    wanted = log_probs.gather(2, torch.from_numpy(scored).unsqueeze(2)).squeeze(2)
    tensors = (best, named, wanted, attention, decoder.pack(after))
    return [tensor.numpy() for tensor in tensors]


def _distance(found: NDArray[Any], wanted: NDArray[Any] | float) -> float:
    """Return the largest difference relative to max(1, |wanted|); infinite if one is NaN."""
    difference = float((np.abs(found - wanted) / np.maximum(1, np.abs(wanted))).max())
    return difference if difference == difference else float("inf")
