"""Runs the two graphs on ONNX Runtime, one call at a time, for the parity report."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from export.errors import ExportError

# ONNX Runtime reports its use to its makers unless told not to before it is imported.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

import onnxruntime

Arrays = list[NDArray[Any]]


class RuntimeModel:
    """Encoder and decoder step on one execution provider."""

    def __init__(self, encoder: Path, decoder_step: Path, provider: str) -> None:
        """Open both graphs on `provider`, such as "CPUExecutionProvider".

        Raises:
            ExportError: it does not work here.
        """
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        # PyTorch runs in turn with it: threads that spin would take its cores
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        # TensorFloat-32 keeps 10 bits of the mantissa: parity is about float32
        settings = {"use_tf32": "0"} if provider == "CUDAExecutionProvider" else {}
        if provider == "CUDAExecutionProvider":
            onnxruntime.preload_dlls()
        self._encoder, self._step = (
            onnxruntime.InferenceSession(path, options, providers=[(provider, settings)])
            for path in (encoder, decoder_step)
        )
        for session in (self._encoder, self._step):  # one that cannot be loaded is dropped silently
            if session.get_providers()[0] != provider:
                raise ExportError(
                    f"{provider} does not work here, so parity on it cannot be shown; mend it, or "
                    "install onnxruntime in place of onnxruntime-gpu"
                )

    def encode(self, source_ids: NDArray[np.int64], lengths: NDArray[np.int32]) -> Arrays:
        """Encode [batch, source]: encoder states, projected keys, decoder state."""
        inputs = {"source_ids": source_ids, "source_lengths": lengths}
        outputs: Arrays = self._encoder.run(None, inputs)
        return outputs

    def step(
        self,
        previous_ids: NDArray[np.int64],
        parents: NDArray[np.int64],
        decoder_state: NDArray[np.float32],
        encoded: Sequence[NDArray[Any]],
        lengths: NDArray[np.int32],
    ) -> Arrays:
        """Step [batch, beam]: token ids, log-probabilities, attention, next decoder state."""
        inputs = {
            "previous_ids": previous_ids,
            "parents": parents,
            "decoder_state": decoder_state,
            "encoder_states": encoded[0],
            "projected_keys": encoded[1],
            "source_lengths": lengths,
        }
        outputs: Arrays = self._step.run(None, inputs)
        return outputs

    def greedy(
        self, rows: Sequence[Sequence[int]], begin: int, end: int, max_tokens: int
    ) -> list[tuple[list[int], NDArray[np.float32]]]:
        """Translate source token ids, each ended, as one batch.

        Returns:
            For each its token ids, the end left out, and attention float32 [target, source] with
            a row for each token and one for the end where it was reached.
        """
        source_ids, lengths = padded(rows)
        encoded = self.encode(source_ids, lengths)
        state = encoded[2][:, None]
        previous = np.full((len(rows), 1), begin, dtype=np.int64)
        parents = np.zeros_like(previous)
        running = np.ones(len(rows), dtype=bool)
        columns, attentions = [], []
        for _ in range(max_tokens + 1):
            token_ids, _, attention, state = self.step(previous, parents, state, encoded, lengths)
            previous = token_ids[:, :, 0]
            columns.append(previous[:, 0])
            attentions.append(attention[:, 0])
            running &= previous[:, 0] != end
            if not running.any():
                break
        results = []
        table, weights = np.stack(columns, axis=1).tolist(), np.stack(attentions, axis=1)
        for ids, row, length in zip(table, weights, lengths, strict=True):
            count = ids.index(end) if end in ids else max_tokens
            results.append((ids[:count], row[: count + (end in ids), :length]))
        return results


def padded(rows: Sequence[Sequence[int]]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Pad rows with 0 to int64 [batch, source]; return their lengths int32 [batch] with them."""
    lengths = np.array([len(row) for row in rows], dtype=np.int32)
    source_ids = np.zeros((len(rows), int(lengths.max())), dtype=np.int64)
    for index, row in enumerate(rows):
        source_ids[index, : len(row)] = row
    return source_ids, lengths


def available_providers() -> list[str]:
    """Name the execution providers at hand that a bundle may run on."""
    found = onnxruntime.get_available_providers()
    return [name for name in ("CPUExecutionProvider", "CUDAExecutionProvider") if name in found]
