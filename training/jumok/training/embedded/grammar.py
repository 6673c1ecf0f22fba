"""The constructions of the language and their frequencies."""

from collections.abc import Callable
from random import Random

from jumok.training.embedded.existence import existence, location, possession
from jumok.training.embedded.question import command, wh_question
from jumok.training.embedded.statement import (
    action,
    beast,
    becoming,
    description,
    identity,
    pointing,
)
from jumok.training.embedded.subordinate import cause, relative_object, relative_subject
from jumok.training.embedded.utterance import Sentence
from jumok.training.embedded.weather import weather

Construction = Callable[[Random], Sentence]

# Weights are percentages.
CONSTRUCTIONS: dict[Construction, int] = {
    action: 44,
    beast: 3,
    description: 9,
    identity: 5,
    pointing: 3,
    becoming: 2,
    existence: 5,
    location: 4,
    possession: 4,
    relative_subject: 4,
    relative_object: 4,
    cause: 4,
    wh_question: 4,
    command: 3,
    weather: 2,
}
_DRAWN = tuple(
    construction for construction, weight in CONSTRUCTIONS.items() for _ in range(weight)
)


def sentence(rng: Random) -> Sentence:
    """Draw a sentence of two to twelve Korean words."""
    while True:
        korean, english = rng.choice(_DRAWN)(rng)
        if 2 <= len(korean) <= 12:
            return korean, english
