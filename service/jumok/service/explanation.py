"""How a token was chosen: the tensors of the step that decided it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import structlog
from numpy.typing import NDArray

from jumok.bundle.stages import Stage, Stages
from jumok.decoding.hypothesis import TokenSequence
from jumok.decoding.step_model import StepInput
from jumok.runtime.engine import Engine, ExplainedStep
from jumok.service.errors import EngineError
from jumok.service.response_size import CANDIDATES
from jumok.service.writer import SourceText

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ExplainedToken:
    """A token of a translation, and the numbers that led to it.

    Attributes:
        source: the source text and its tokens.
        tokens: the target tokens, including the end unless the translation was cut off.
        texts: the text that each of them adds, "" for the end.
        index: index of the explained token.
        keys: float32 [source, key].
        values: float32 [source, context].
        attention: float32 [source].
        stages: float32 [feature], or [source] for the scores.
        candidates: ids and log-probabilities of the most probable tokens, best first.
        equations: which score function and wiring the numbers are of.
    """

    source: SourceText
    tokens: TokenSequence
    texts: Sequence[str]
    index: int
    keys: NDArray[np.float32]
    values: NDArray[np.float32]
    attention: NDArray[np.float32]
    stages: Mapping[Stage, NDArray[np.float32]]
    candidates: Sequence[tuple[int, float]]
    equations: Stages


class ExplainingView:
    """A `jumok.decoding.driver.StepView` that does the step once more, to see its stages.

    Attributes:
        index: index of the step.
    """

    def __init__(self, engine: Engine, index: int, vocabulary: int) -> None:
        """Explain the step `index` of a sentence; the model has `vocabulary` tokens."""
        self.index = index
        self._engine, self._candidates = engine, min(CANDIDATES, vocabulary)
        self._inputs: StepInput | None = None
        self._found: ExplainedStep | None = None

    def see(self, inputs: StepInput) -> None:
        """Do the step; an error fails only this sentence, when its explanation is asked for."""
        self._inputs = inputs._replace(candidates=self._candidates)
        try:
            self._found = self._engine.explain(self._inputs)
        except Exception:  # ONNX Runtime has an exception class for each status
            _log.exception("a step could not be explained")

    def explained(
        self, source: SourceText, tokens: TokenSequence, texts: Sequence[str]
    ) -> ExplainedToken:
        """Return the explanation, once the step has been done.

        Raises:
            EngineError: the step failed.
        """
        if self._inputs is None or self._found is None:
            raise EngineError("the step could not be explained; see the log of the service")
        step, found = self._found
        length = len(source.encoding.ids) + 1
        stages = {stage: tensor[0, 0] for stage, tensor in found.items()}
        stages["scores"] = stages["scores"][:length]
        context = len(stages["context"])  # values can have source embeddings behind the states
        memory, equations = self._inputs.tensors, self._engine.stages
        assert equations is not None
        return ExplainedToken(
            source,
            tokens,
            texts,
            self.index,
            memory["projected_keys"][0, :length],
            memory["encoder_states"][0, :length, :context],
            step.attention[0, 0, :length],
            stages,
            list(zip(step.token_ids[0, 0].tolist(), step.log_probs[0, 0].tolist(), strict=True)),
            equations,
        )
