"""The languages of the served models, as LibreTranslate lists them."""

from collections.abc import Iterable
from typing import Any, Final

from jumok.client.events import Model

_NAMES: Final = {
    "ar": "Arabic",
    "bg": "Bulgarian",
    "bn": "Bengali",
    "ca": "Catalan",
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "et": "Estonian",
    "fa": "Persian",
    "fi": "Finnish",
    "fr": "French",
    "he": "Hebrew",
    "hi": "Hindi",
    "hu": "Hungarian",
    "id": "Indonesian",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "lt": "Lithuanian",
    "lv": "Latvian",
    "nb": "Norwegian Bokmål",
    "nl": "Dutch",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "sk": "Slovak",
    "sl": "Slovenian",
    "sv": "Swedish",
    "th": "Thai",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "vi": "Vietnamese",
    "zh": "Chinese",
}


def languages(models: Iterable[Model]) -> list[dict[str, Any]]:
    """List the languages of models, each with those that it can be translated to."""
    targets: dict[str, list[str]] = {}
    for model in models:
        listed = targets.setdefault(model.source_language, [])
        if model.target_language not in listed:
            listed.append(model.target_language)
    for code in [code for listed in targets.values() for code in listed]:
        targets.setdefault(code, [])
    return [
        {"code": code, "name": language_name(code), "targets": listed}
        for code, listed in targets.items()
    ]


def language_name(tag: str) -> str:
    """Return the English name of a language, or its tag if it is not a common one."""
    return _NAMES.get(tag.partition("-")[0].lower(), tag)
