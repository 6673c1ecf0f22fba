"""Loss and perplexity of references."""

import math
from collections.abc import Sequence

from jumok.evaluation.report import Likelihood
from jumok.training.translation import Translation


def likelihood(forced: Sequence[Translation]) -> Likelihood:
    """Average the log-probabilities of references under teacher forcing, over all their tokens."""
    tokens = sum(len(translation.log_probs) for translation in forced)
    loss = -sum(math.fsum(translation.log_probs.tolist()) for translation in forced) / tokens
    return Likelihood(loss=loss, perplexity=math.exp(loss), tokens=tokens)
