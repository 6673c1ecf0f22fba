"""`jumok models`, and the choice of a model by language."""

import json
from typing import Any


def test_models_are_listed(jumok: Any, server: Any) -> None:
    """Each model takes one line, the default first."""
    ended = jumok("models")

    assert ended.status == 0
    assert [line.split() for line in ended.out.splitlines()] == [
        ["name", "source", "target", "precision", "provider", "fingerprint"],
        ["ko-en", "ko", "en", "int8", "CPU", "f" * 12],
        ["de-en", "de", "en", "int8", "CPU", "f" * 12],
    ]


def test_models_as_json(jumok: Any, server: Any) -> None:
    """With --format json each line describes one model completely."""
    ended = jumok("models", "--format", "json")

    models = [json.loads(line) for line in ended.out.splitlines()]
    assert [model["name"] for model in models] == ["ko-en", "de-en"]
    assert models[0]["max_source_tokens"] == 128


def test_no_server(jumok: Any) -> None:
    """Without a server the command names the address in one line."""
    ended = jumok("models", "--address", "example.invalid:1")

    assert (ended.status, ended.out) == (1, "")
    assert ended.err.startswith("jumok models: ")
    assert ended.err.count("\n") == 1


def test_languages_are_sent(jumok: Any, server: Any) -> None:
    """--source-language and --target-language choose the model of translations and alignments."""
    languages = ("--source-language", "ko", "--target-language", "en")
    translated = jumok("translate", *languages, "나는 학생입니다")
    aligned = jumok("align", *languages, "나는 학생입니다", "I am a student")

    assert (translated.status, aligned.status) == (0, 0)
    for request in (server.servicer.requests[-1], server.servicer.pairs[-1]):
        assert (request.source_language, request.target_language) == ("ko", "en")
