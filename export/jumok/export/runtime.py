"""Runs the two graphs on ONNX Runtime, one call at a time."""

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jumok.decoding.step_model import Encoded, Step
from jumok.export.errors import ExportError

# ONNX Runtime reports its use to its makers unless told not to before it is imported.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

import onnxruntime


class RuntimeModel:
    """A `StepModel`: encoder and decoder step on one execution provider."""

    def __init__(self, encoder: Path, decoder_step: Path, provider: str, vocabulary: int) -> None:
        """Open both graphs on `provider`, such as "CPUExecutionProvider".

        `vocabulary` is the target's size: a step ranks no more candidates than that.

        Raises:
            ExportError: it does not work here.
        """
        self._vocabulary = vocabulary
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

    def encode(self, source_ids: NDArray[np.int64], source_lengths: NDArray[np.int32]) -> Encoded:
        """Encode [batch, source], padded, of true lengths [batch]."""
        inputs = {"source_ids": source_ids, "source_lengths": source_lengths}
        states, keys, state = self._encoder.run(None, inputs)
        return Encoded(states, keys, state, source_lengths)

    def step(
        self,
        previous_ids: NDArray[np.int64],
        parents: NDArray[np.int64],
        scored_ids: NDArray[np.int64],
        decoder_state: NDArray[np.float32],
        encoded: Encoded,
        candidates: int,
    ) -> Step:
        """Read a token for each hypothesis [batch, beam]."""
        inputs = {
            "previous_ids": previous_ids,
            "parents": parents,
            "scored_ids": scored_ids,
            "decoder_state": decoder_state,
            "encoder_states": encoded.encoder_states,
            "projected_keys": encoded.projected_keys,
            "source_lengths": encoded.source_lengths,
            "candidate_ranks": np.arange(min(candidates, self._vocabulary)),
        }
        return Step(*self._step.run(None, inputs))


def available_providers() -> list[str]:
    """Name the execution providers at hand that a bundle may run on."""
    found = onnxruntime.get_available_providers()
    return [name for name in ("CPUExecutionProvider", "CUDAExecutionProvider") if name in found]
