"""`jumok translate` with documents."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from jumok.v1 import translation_pb2 as pb
from tests.cli.documents.test_docx import PARTS, archive
from tests.cli.test_restart import Restarting, restarting, when

__all__ = ["restarting"]

ENGLISH = "I am a student"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return tmp_path / "in.txt"


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "out.txt"


def test_document_to_standard_output(jumok: Any, server: Any, source: Path) -> None:
    """A file with a known name is translated passage by passage."""
    source.write_bytes("\r\n나는\r\n\r\n  학생\r\n".encode())
    ended = jumok("translate", "--model", "ko-en", str(source))

    assert (ended.status, ended.err) == (0, "")
    assert ended.out == f"\r\n{ENGLISH}\r\n\r\n  {ENGLISH}\r\n"
    requests = {request.text: request for request in server.servicer.requests}
    assert sorted(requests) == ["나는", "학생"]
    assert {request.attention for request in requests.values()} == {pb.ATTENTION_NONE}
    assert {request.model for request in requests.values()} == {"ko-en"}


@pytest.mark.parametrize(
    ("name", "text", "text_format"),
    [
        ("html", "<p>나는 <b>학생</b>", pb.TEXT_FORMAT_HTML),
        ("xml", "<a>나는</a>", pb.TEXT_FORMAT_XML),
        ("markdown", "# 나는", pb.TEXT_FORMAT_MARKDOWN),
    ],
)
def test_given_format(
    jumok: Any, server: Any, tmp_path: Path, name: str, text: str, text_format: int
) -> None:
    """With --format, any file and standard input are documents."""
    (tmp_path / "page").write_text(text, "utf-8")
    of_file = jumok("translate", "--format", name, str(tmp_path / "page"))
    of_input = jumok("translate", "--format", name, "-", stdin=text.encode())

    assert (of_file.status, of_file.out) == (0, of_input.out)
    assert ENGLISH in of_file.out
    assert "나는" not in of_file.out
    assert {request.text_format for request in server.servicer.requests} == {text_format}


def test_output(jumok: Any, server: Any, source: Path, output: Path) -> None:
    """With --output the translation is a file, and nothing else remains."""
    source.write_text("나는\n", "utf-8")
    output.write_text("old")
    ended = jumok("translate", str(source), "--output", str(output))

    assert (ended.status, ended.out, ended.err) == (0, "", "")
    assert output.read_text("utf-8") == f"{ENGLISH}\n"
    assert sorted(output.parent.iterdir()) == [source, output]


def test_word_document(jumok: Any, server: Any, tmp_path: Path) -> None:
    """A .docx file needs --output."""
    source, output = tmp_path / "in.docx", tmp_path / "out.docx"
    source.write_bytes(archive(PARTS))
    without = jumok("translate", str(source))
    ended = jumok("translate", str(source), "--output", str(output))

    assert (without.status, ended.status) == (2, 0)
    assert output.read_bytes().startswith(b"PK")


def test_repeated_text(jumok: Any, server: Any, source: Path) -> None:
    """A text that appears several times is sent once."""
    source.write_text("나는\n\n" * 50, "utf-8")
    ended = jumok("translate", str(source))

    assert ended.out == f"{ENGLISH}\n\n" * 50
    assert len(server.servicer.requests) == 1


def test_refused_passage(jumok: Any, server: Any, source: Path, output: Path) -> None:
    """A refused passage is left as it is; a repeated command asks for nothing else."""
    source.write_text("나는\n\n너무 김\n\n고장\n\n학생\n", "utf-8")
    ended = jumok("translate", str(source), "--output", str(output))

    assert ended.status == 1
    assert output.read_text("utf-8") == f"{ENGLISH}\n\n너무 김\n\n고장\n\n{ENGLISH}\n"
    refused, failed, summary = ended.err.splitlines()
    assert refused.startswith("jumok translate: line 3: text: has 700 characters")
    assert failed.startswith("jumok translate: line 5: ")
    assert summary == (
        "jumok translate: 2 of 4 passages were left as they are: repeat the command to try only "
        f"these again, or remove {output}.part"
    )
    server.servicer.requests.clear()
    source.write_text("나는\n\n비가 온다\n\n학생\n", "utf-8")

    assert jumok("translate", str(source), "--output", str(output)).status == 0
    assert [request.text for request in server.servicer.requests] == ["비가 온다"]
    assert output.read_text("utf-8") == f"{ENGLISH}\n\n" * 2 + f"{ENGLISH}\n"
    assert not (output.parent / "out.txt.part").exists()


def test_refused_passage_on_standard_output(jumok: Any, server: Any, source: Path) -> None:
    """Without --output nothing is kept for another command."""
    source.write_text("너무 김\n", "utf-8")
    ended = jumok("translate", str(source))

    assert (ended.status, ended.out) == (1, "너무 김\n")
    assert ended.err.endswith("jumok translate: 1 of 1 passages were left as they are\n")
    assert list(source.parent.iterdir()) == [source]


def test_remarks(jumok: Any, server: Any, source: Path) -> None:
    """What may be wrong with a translation is noted with its place."""
    source.write_text("\n한도\n", "utf-8")
    ended = jumok("translate", str(source))

    assert (ended.status, ended.out) == (0, f"\n{ENGLISH}\n")
    assert ended.err.startswith("jumok translate: line 2: cut at 5 tokens")


def test_changed_options(jumok: Any, server: Any, source: Path, output: Path) -> None:
    """What was finished with other options does not count."""
    source.write_text("나는\n\n너무 김\n", "utf-8")
    for options in ([], ["--beam", "2"], ["--beam", "2"]):
        jumok("translate", str(source), "--output", str(output), *options)
    texts = [request.text for request in server.servicer.requests]

    assert (texts.count("나는"), texts.count("너무 김")) == (2, 3)


def test_restart(jumok: Any, restarting: Restarting, source: Path) -> None:
    """A restart of the server loses no passage."""
    restarting.start()
    source.write_text("".join(f"나는 {number}\n\n" for number in range(200)), "utf-8")

    def restart() -> None:
        restarting.stop(5)
        restarting.start()

    thread = when(lambda: len(restarting.servicer.requests) > 60, restart)
    ended = jumok("translate", str(source))
    thread.join()

    assert (ended.status, ended.err) == (0, "")
    assert ended.out == f"{ENGLISH}\n\n" * 200


def test_lost_server(jumok: Any, restarting: Restarting, source: Path, output: Path) -> None:
    """If the server does not return, a repeated command continues."""
    restarting.start()
    source.write_text("".join(f"나는 {number}\n\n" for number in range(600)), "utf-8")
    done = restarting.servicer.requests
    thread = when(lambda: len(done) > 60, lambda: restarting.stop(5))
    arguments = ("translate", str(source), "--output", str(output))
    ended = jumok(*arguments, "--timeout", "1")
    thread.join()
    assert ended.status == 1
    assert ended.err.endswith("; repeat the command to continue\n")
    assert not output.exists()
    kept = len((output.parent / "out.txt.part").read_text().splitlines())
    done.clear()
    restarting.start()

    assert jumok(*arguments).status == 0
    assert kept > 0
    assert len(done) == 600 - kept
    assert output.read_text("utf-8") == f"{ENGLISH}\n\n" * 600


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_interruption(
    jumok: Any, server: Any, source: Path, output: Path, number: signal.Signals
) -> None:
    """A command that is interrupted continues when it is repeated."""
    source.write_text("".join(f"나는 {each}\n\n" for each in range(20)) + "끝없이\n", "utf-8")
    arguments = ["translate", str(source), "--output", str(output)]
    part = output.parent / "out.txt.part"
    process = subprocess.Popen(
        [sys.executable, "-m", "jumok.cli", *arguments], stderr=subprocess.PIPE
    )
    when(lambda: part.exists() and part.read_text().count("\n") == 20, lambda: None).join()
    time.sleep(0.5)  # an interrupt just before Python begins to wait is noticed after it
    os.kill(process.pid, number)
    _, error = process.communicate(timeout=20)
    assert process.returncode in (130, -signal.SIGKILL)
    assert (error, output.exists()) == (b"", False)
    source.write_text(source.read_text("utf-8").replace("끝없이", "나는"), "utf-8")
    server.servicer.requests.clear()

    assert jumok(*arguments).status == 0
    assert [request.text for request in server.servicer.requests] == ["나는"]
    assert output.read_text("utf-8").count(ENGLISH) == 21


@pytest.mark.parametrize(
    "option", ["--heatmap map.svg", "--format json", "--attention", "--hypotheses 2 --beam 2"]
)
def test_options_of_texts(jumok: Any, server: Any, source: Path, option: str) -> None:
    """Options that show more than a translation are refused."""
    source.write_text("나는\n", "utf-8")
    ended = jumok("translate", str(source), *option.split())

    assert ended.status == 2
    assert "it is not for documents" in " ".join(ended.err.replace("│", " ").split())
    assert not server.servicer.requests


def test_errors_are_one_line(jumok: Any, server: Any, source: Path, output: Path) -> None:
    """A document that cannot be read, a missing model and a foreign file give one line."""
    source.write_bytes(b"caf\xe9")
    broken = jumok("translate", str(source))
    source.write_text("나는")
    model = jumok("translate", "--model", "de-en", str(source))
    (output.parent / "out.txt.part").write_text(json.dumps([]))
    foreign = jumok("translate", str(source), "--output", str(output))

    assert broken.err == (
        f"jumok translate: {source}: byte 4 is not utf-8: convert the document to UTF-8, as with "
        "iconv\n"
    )
    assert model.err == "jumok translate: no model is named 'de-en'\n"
    assert "another program wrote it" in foreign.err
    assert [ended.status for ended in (broken, model, foreign)] == [1, 1, 1]
    assert [ended.err.count("\n") for ended in (broken, model, foreign)] == [1, 1, 1]
