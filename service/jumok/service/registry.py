"""The served models, by name and by language."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from jumok.service.call_record import current_call
from jumok.service.errors import InvalidRequestError, ModelNotFoundError, StartupError
from jumok.service.language_tag import closeness, is_well_formed
from jumok.service.model import ServedModel

_SHOWN: Final = 80  # characters of an unknown name, because status messages are limited in size
_LISTED: Final = 20  # models, for the same reason


class ModelRegistry:
    """Finds models by name or by language."""

    def __init__(self, models: Iterable[ServedModel]) -> None:
        """Register at least one model; see `replace`."""
        self.replace(models)

    def replace(self, models: Iterable[ServedModel]) -> None:
        """Register these models in place of all others; the first is the default.

        Raises:
            StartupError: two models have the same name; the registry is unchanged.
        """
        found: dict[str, ServedModel] = {}
        for model in models:
            name = model.description.name
            if name in found:
                raise StartupError(
                    f"two bundles have models called {name}: serve only one of them, or export the "
                    "other under another name"
                )
            found[name] = model
        self._models: Mapping[str, ServedModel] = (
            found  # one assignment, so requests see all or none
        )

    @property
    def models(self) -> Sequence[ServedModel]:
        """All models, the default one first."""
        return tuple(self._models.values())

    def find(
        self, name: str = "", source_language: str = "", target_language: str = ""
    ) -> ServedModel:
        """Return the model that a request asks for.

        Args:
            name: name of the model; "" chooses by language, or the default model.
            source_language: BCP 47 tag, see `closeness`; "" for any language.
            target_language: BCP 47 tag; "" for any language.

        Raises:
            InvalidRequestError: a tag is malformed, contradicts the name, or leaves several models
                for different languages.
            ModelNotFoundError: no such model is served; the message lists the served ones.
        """
        wanted = {"source_language": source_language, "target_language": target_language}
        for field, tag in wanted.items():
            if tag and not is_well_formed(tag):
                raise InvalidRequestError(
                    field,
                    f"{tag[:_SHOWN]!r} is not a BCP 47 language tag, such as 'ko' or 'zh-Hant'",
                )
        if name:
            model = self._named(name, wanted)
        else:
            model = self._between(wanted) if any(wanted.values()) else self.models[0]
        current_call().model = model.description.name
        return model

    def _named(self, name: str, wanted: Mapping[str, str]) -> ServedModel:
        if (model := self._models.get(name)) is None:
            raise ModelNotFoundError(
                "model", f"no model is called {name[:_SHOWN]!r}; available: {self._available()}"
            )
        for field, tag in wanted.items():
            if not _matches(model, field, tag):
                raise InvalidRequestError(
                    field,
                    f"the {_side(field)} of the model {name} is {_language(model, field)}, not "
                    f"{tag}; leave out the model or the language",
                )
        return model

    def _between(self, wanted: Mapping[str, str]) -> ServedModel:
        """Return the closest model for one or two languages."""
        models = self.models
        for field, tag in wanted.items():
            models = [model for model in models if _matches(model, field, tag)]
            if not models:
                languages = " and ".join(
                    f"{_side(field)} {tag}" for field, tag in wanted.items() if tag
                )
                raise ModelNotFoundError(
                    field, f"no model has the {languages}; available: {self._available()}"
                )
        for field, tag in wanted.items():
            others = dict.fromkeys(_language(model, field) for model in models)
            if not tag and len(others) > 1:
                raise InvalidRequestError(
                    field,
                    f"there are models for several {_side(field)}s: choose {' or '.join(others)}",
                )
        return max(  # the first of several maxima
            models,
            key=lambda model: [
                closeness(tag, _language(model, field)) for field, tag in wanted.items() if tag
            ],
        )

    def _available(self) -> str:
        models = [
            f"{each.name} ({each.source_language} to {each.target_language})"
            for each in (model.description for model in self._models.values())
        ]
        more = len(models) - _LISTED
        return ", ".join(models[:_LISTED]) + (f" and {more} more" if more > 0 else "")


def _language(model: ServedModel, field: str) -> str:
    language: str = getattr(model.description, field)
    return language


def _matches(model: ServedModel, field: str, tag: str) -> bool:
    return not tag or closeness(tag, _language(model, field)) > (0, 0)


def _side(field: str) -> str:
    return field.replace("_", " ")
