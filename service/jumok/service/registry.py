"""The served models, by name."""

from collections.abc import Iterable
from typing import Final

from jumok.service.call_record import current_call
from jumok.service.errors import ModelNotFoundError
from jumok.service.model import ServedModel

_SHOWN: Final = 80  # characters of an unknown name, because status messages are limited in size


class ModelRegistry:
    """Finds models by name.

    Attributes:
        default: the first model, used by requests that name none.
    """

    def __init__(self, models: Iterable[ServedModel]) -> None:
        """Register at least one model."""
        self._models = {model.description.name: model for model in models}
        self.default = next(iter(self._models.values()))

    def find(self, name: str) -> ServedModel:
        """Return the model with this name, or the default model if `name` is empty.

        Raises:
            ModelNotFoundError: no such model is served; the message lists the served ones.
        """
        model = self._models.get(name) if name else self.default
        if model is None:
            raise ModelNotFoundError(
                f"no model is called {name[:_SHOWN]!r}; available: {', '.join(self._models)}"
            )
        current_call().model = model.description.name
        return model
