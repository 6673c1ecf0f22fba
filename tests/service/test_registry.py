"""The choice of a model by name and by language."""

from dataclasses import replace

import pytest

from jumok.service.errors import InvalidRequestError, ModelNotFoundError, StartupError
from jumok.service.model import ServedModel
from jumok.service.registry import ModelRegistry


@pytest.fixture
def registry(model: ServedModel) -> ModelRegistry:
    """Models whose names are their languages, such as "de-CH/en"."""

    def between(name: str, source: str, target: str) -> ServedModel:
        languages = {"source_language": source, "target_language": target}
        return replace(model, description=replace(model.description, name=name, **languages))  # type: ignore[arg-type]

    return ModelRegistry(
        [
            between("ko/en", "ko", "en"),
            between("de/en", "de", "en"),
            between("de-CH/en", "de-CH", "en"),
            between("de/fr", "de", "fr"),
            between("zh-Hant-TW/ko", "zh-Hant-TW", "ko"),
            between("formal ko/en", "ko", "en"),
        ]
    )


def find(registry: ModelRegistry, *asked: str) -> str:
    return registry.find(*asked).description.name


@pytest.mark.parametrize(
    ("name", "source", "target", "found"),
    [
        ("", "", "", "ko/en"),
        ("de/fr", "", "", "de/fr"),
        ("", "ko", "en", "ko/en"),
        ("", "KO-kr", "en-GB", "ko/en"),
        ("", "ko", "", "ko/en"),
        ("", "", "fr", "de/fr"),
        ("", "", "ko", "zh-Hant-TW/ko"),
        ("", "de", "en", "de/en"),
        ("", "de-AT", "en", "de/en"),
        ("", "de-CH-1996", "en", "de-CH/en"),
        ("", "de-CH", "fr", "de/fr"),
        ("", "zh-Hans", "", "zh-Hant-TW/ko"),
        ("formal ko/en", "ko", "en", "formal ko/en"),
        ("de-CH/en", "de", "", "de-CH/en"),
    ],
)
def test_a_model_is_chosen_by_name_or_by_the_closest_languages(
    registry: ModelRegistry, name: str, source: str, target: str, found: str
) -> None:
    """Either name or languages choose; of several models for them the first."""
    assert find(registry, name, source, target) == found


@pytest.mark.parametrize(
    ("name", "source", "target", "field", "reason"),
    [
        ("", "de", "", "target_language", "several target languages: choose en or fr"),
        ("", "", "en", "source_language", "several source languages: choose ko or de or de-CH"),
        ("de/en", "ko", "en", "source_language", "is de, not ko"),
        ("de/en", "de", "fr", "target_language", "is en, not fr"),
        ("", "de_AT", "en", "source_language", "'de_AT' is not a BCP 47"),
        ("", "ko", "english", "target_language", "no model has"),
        ("", "ko", "e" * 1000, "target_language", "not a BCP 47"),
        ("", "ko\n", "en", "source_language", "not a BCP 47"),
        ("ko/en", "-", "en", "source_language", "not a BCP 47"),
    ],
)
def test_languages_that_choose_no_single_model_are_refused(
    registry: ModelRegistry, name: str, source: str, target: str, field: str, reason: str
) -> None:
    """The error names the field to correct, in one short line."""
    with pytest.raises((InvalidRequestError, ModelNotFoundError), match=reason) as refused:
        find(registry, name, source, target)
    assert getattr(refused.value, "field", "") == field
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize(
    ("name", "source", "target", "field"),
    [
        ("ko-en", "", "", "model"),
        ("", "fr", "en", "source_language"),
        ("", "ko", "fr", "target_language"),
        ("", "", "de", "target_language"),
    ],
)
def test_an_unknown_model_or_pair_lists_the_served_ones(
    registry: ModelRegistry, name: str, source: str, target: str, field: str
) -> None:
    """The error lists names and languages of the models."""
    with pytest.raises(
        ModelNotFoundError, match=r"available: ko/en \(ko to en\), de/en"
    ) as unknown:
        find(registry, name, source, target)
    assert unknown.value.field == field


def test_a_name_that_is_served_twice_is_an_error(
    registry: ModelRegistry, model: ServedModel
) -> None:
    """Two models of one name are refused; the models served before stay."""
    with pytest.raises(StartupError, match="two bundles have models called copy"):
        registry.replace([model, model])
    assert len(registry.models) == 6


def test_a_long_list_is_cut(model: ServedModel) -> None:
    """The list in an error names at most twenty models."""
    models = [
        replace(model, description=replace(model.description, name=f"copy-{number}"))
        for number in range(100)
    ]
    with pytest.raises(ModelNotFoundError, match=r"copy-19 \(ko to ko\) and 80 more$"):
        ModelRegistry(models).find("other")
