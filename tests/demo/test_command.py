"""`jumok demo`."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Self

import pytest

from jumok.demo import command, whole_road
from jumok.demo.command import SENTENCES, run
from jumok.demo.errors import DemoError


@pytest.fixture
def translated(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts to be translated, recorded instead of translated."""
    sentences: list[str] = []

    @contextmanager
    def served(*bundle: str) -> Iterator[str]:
        assert not bundle
        yield "localhost:1"

    monkeypatch.setattr(command, "served", served)
    monkeypatch.setattr(command, "translate_live", lambda address, texts: sentences.extend(texts))
    return sentences


def read(monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    """Set the source language of the service."""

    class FakeClient:
        def __init__(self, address: str) -> None:
            assert address == "localhost:1"

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *error: object) -> None:
            pass

        def get_model(self) -> SimpleNamespace:
            return SimpleNamespace(source_language=language)

    monkeypatch.setattr(command, "Client", FakeClient)


@pytest.mark.parametrize("language", ["ko", "de"])
def test_sentences_are_in_the_source_language(
    translated: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    language: str,
) -> None:
    """The sentences and the suggested commands depend on the model."""
    read(monkeypatch, language)
    run()
    assert tuple(translated) == SENTENCES[language]
    assert f'jumok translate "{translated[0]}"' in capsys.readouterr().out


def test_a_language_without_sentences(
    translated: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """For a model of another language the demo suggests a command."""
    read(monkeypatch, "fi")
    with pytest.raises(DemoError, match="in the language 'fi': serve the model with `jumok serve`"):
        run()
    assert not translated


def test_train_option(
    translated: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """--train uses the given folder and number of steps."""
    walked: list[tuple[Path, int | None]] = []
    monkeypatch.setattr(whole_road, "walk", lambda *arguments: walked.append(arguments))
    run(train=True, folder=tmp_path, steps=7)
    assert walked == [(tmp_path, 7)]
    assert not translated


def test_without_train_torch_is_not_imported() -> None:
    """Without --train nothing is imported that `jumok[serve,client]` does not install."""
    code = (
        "import sys, jumok.demo.command; "
        "sys.exit('torch' in sys.modules or 'sacrebleu' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
