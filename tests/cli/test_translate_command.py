"""`jumok translate`."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

TEXT = "나는 학생입니다"


def test_text_alone_when_piped(jumok: Any, server: Any) -> None:
    """When piped, the output is the translation and a line end; no attention is requested."""
    ended = jumok("translate", TEXT)

    assert (ended.status, ended.out, ended.err) == (0, "I am a student\n", "")
    assert server.servicer.requests[0].attention == 1


def test_heat_map_below(jumok: Any, server: Any) -> None:
    """With --attention the translation is followed by its heat map, by word."""
    first, blank, header, *rows = jumok("translate", "--attention", TEXT).out.splitlines()

    assert (first, blank) == ("I am a student", "")
    assert header.split() == ["나는", "학생입니다", "</s>"]
    assert [row.split()[0] for row in rows] == ["I", "am", "a", "student"]


def test_heat_map_by_token(jumok: Any, server: Any) -> None:
    """With --tokens the heat map is by token."""
    ended = jumok("translate", "--attention", "--tokens", TEXT)

    assert ended.out.splitlines()[2].split() == ["나는", "학생", "입니다", "</s>"]


def test_colour_when_forced(jumok: Any, server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The heat map is coloured if colours are enabled, and not with NO_COLOR."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    coloured = jumok("translate", "--attention", TEXT).out
    monkeypatch.setenv("NO_COLOR", "1")
    plain = jumok("translate", "--attention", TEXT).out

    assert "\x1b[" in coloured
    assert "\x1b[" not in plain
    assert "96 ██" in plain


def test_words_are_printed_as_they_arrive(server: Any) -> None:
    """The first word can be read while the rest is still being translated."""
    process = subprocess.Popen(
        [sys.executable, "-m", "jumok.cli", "translate", "느림"], stdout=subprocess.PIPE
    )
    assert process.stdout
    first = process.stdout.read(1)
    start = time.monotonic()
    rest = process.stdout.read()
    process.stdout.close()

    assert (first, rest, process.wait(10)) == (b"I", b" am a student\n", 0)
    assert time.monotonic() - start > 0.25


def test_json_lines(jumok: Any, server: Any) -> None:
    """With --format json each event is one line, in order, Hangul as it is."""
    ended = jumok("translate", "--format", "json", TEXT)
    events = [json.loads(line) for line in ended.out.splitlines()]

    assert [next(iter(event)) for event in events] == ["source", *["tokens"] * 3, "result"]
    assert "▁학생" in ended.out
    assert events[1]["tokens"]["tokens"][0]["attention"] == [0.96, 0.02, 0.01, 0.01]
    assert events[-1]["result"]["hypotheses"][0]["text"] == "I am a student"


def test_json_without_attention(jumok: Any, server: Any) -> None:
    """With --no-attention no attention is requested."""
    ended = jumok("translate", "--format", "json", "--no-attention", TEXT)

    assert json.loads(ended.out.splitlines()[1])["tokens"]["tokens"][0]["attention"] == []


def test_options_reach_the_server(jumok: Any, server: Any) -> None:
    """--model and --max-tokens are sent."""
    jumok("translate", "--model", "ko-en", "--max-tokens", "9", TEXT)
    (request,) = server.servicer.requests

    assert (request.model, request.decoding.max_tokens) == ("ko-en", 9)


def test_cut_translation_is_noted(jumok: Any, server: Any) -> None:
    """A translation cut at the limit of tokens is printed with a note."""
    ended = jumok("translate", "한도")

    assert (ended.status, ended.out) == (0, "I am a student\n")
    assert ended.err.startswith("jumok translate: cut at 5 tokens")


def test_standard_input(jumok: Any, server: Any) -> None:
    """Each line gives one line, in order; refused, invalid and empty lines give an empty line."""
    lines = [TEXT.encode(), b"", "너무 김".encode(), b"\xff", TEXT.encode() + b"\r"]
    ended = jumok("translate", "-", stdin=b"\n".join(lines) + b"\n")

    assert ended.status == 1
    assert ended.out == "I am a student\n\n\n\nI am a student\n"
    refused, broken = ended.err.splitlines()
    assert refused.startswith("jumok translate: line 3: text: has 700 characters")
    assert broken.startswith("jumok translate: line 4: byte 1 is not UTF-8")


def test_standard_input_as_json(jumok: Any, server: Any) -> None:
    """JSON objects have the number of their input line, also for refused lines."""
    stdin = f"\n너무 김\n{TEXT}".encode()
    ended = jumok("translate", "--format", "json", "-", stdin=stdin)
    refused, *events = [json.loads(line) for line in ended.out.splitlines()]

    assert ended.status == 1
    assert (refused["line"], refused["error"]["type"]) == (2, "InvalidRequest")
    assert refused["error"]["field"] == "text"
    assert {event["line"] for event in events} == {3}


def test_failure_within_a_line(jumok: Any, server: Any) -> None:
    """A translation that fails midway gives an empty line, and the next line is translated."""
    ended = jumok("translate", "-", stdin=f"고장\n{TEXT}\n".encode())

    assert (ended.status, ended.out) == (1, "\nI am a student\n")
    assert "line 1: " in ended.err


def test_errors_of_all_lines_end_the_command(jumok: Any, server: Any) -> None:
    """An error that concerns all lines, such as an unknown model, ends the command."""
    ended = jumok("translate", "--model", "de-en", "-", stdin=f"{TEXT}\n".encode() * 200)

    assert (ended.status, ended.err.count("\n")) == (1, 1)
    assert len(server.servicer.requests) < 100
    assert ended.err.startswith("jumok translate: no model is named 'de-en'")


def test_many_lines_stay_in_order(jumok: Any, server: Any) -> None:
    """Many lines are sent concurrently, and printed in order."""
    stdin = f"{TEXT}\n느림\n\n".encode() * 20
    ended = jumok("translate", "--format", "json", "--no-attention", "-", stdin=stdin)
    numbers = [json.loads(line)["line"] for line in ended.out.splitlines()]

    assert ended.status == 0
    assert numbers == sorted(numbers)
    assert set(numbers) == {n for n in range(1, 61) if n % 3}


def test_overload_is_retried(jumok: Any, server: Any) -> None:
    """A line that the server refuses as overloaded is sent again after the retry delay."""
    server.servicer.overloads = 2
    ended = jumok("translate", "-", stdin="만원\n".encode())

    assert (ended.status, ended.out) == (0, "I am a student\n")
    assert len(server.servicer.requests) == 3


def test_overload_is_retried_until_the_timeout(jumok: Any, server: Any) -> None:
    """After --timeout seconds of overload the line fails."""
    server.servicer.overloads = 1000
    ended = jumok("translate", "--timeout", "0.2", "-", stdin="만원\n".encode())

    assert (ended.status, ended.out) == (1, "\n")
    assert "line 1: too many sentences wait" in ended.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Missing argument 'TEXT'"),
        ([TEXT, "--max-tokens", "0"], "max-tokens"),
        ([TEXT, "--format", "xml"], "there is no file"),
        ([TEXT, "--format", "yaml"], "format"),
        ([TEXT, "--output", "out"], "it is for a document"),
        ([TEXT, "--heatmap", "map.gif"], "must end in one of"),
        ([TEXT, "--heatmap", "/nowhere/map.png"], "there is no folder"),
    ],
)
def test_usage(jumok: Any, server: Any, arguments: list[str], message: str) -> None:
    """Wrong arguments are a usage error, and nothing is sent."""
    ended = jumok("translate", *arguments)

    assert ended.status == 2
    assert message in " ".join(ended.err.replace("│", " ").split())
    assert not server.servicer.requests


def test_errors_are_one_line(jumok: Any, server: Any) -> None:
    """A request that is refused or cannot be sent gives one line and exit status 1."""
    refused = jumok("translate", "너무 김")
    broken = jumok("translate", "나\udcff")
    nobody = jumok("translate", "--address", "localhost:1", TEXT)

    assert refused.err.startswith("jumok translate: text: has 700 characters")
    assert broken.err.startswith("jumok translate: text: character 2 is U+DCFF")
    assert nobody.err.startswith("jumok translate: no server answers at localhost:1")
    assert [ended.status for ended in (refused, broken, nobody)] == [1, 1, 1]
    assert [ended.err.count("\n") for ended in (refused, broken, nobody)] == [1, 1, 1]


def test_error_after_words_has_its_own_line(jumok: Any, server: Any) -> None:
    """When a translation fails midway, its line is ended before the message."""
    ended = jumok("translate", "고장")

    assert ended.out == "I am\n"
    assert ended.err == f"jumok translate: {server.address} failed with INTERNAL: the engine " + (
        "stopped\n"
    )


def test_picture_is_written(jumok: Any, server: Any, tmp_path: Path) -> None:
    """--heatmap writes a picture; the output is still the translation."""
    ended = jumok("translate", "--heatmap", str(tmp_path / "map.png"), TEXT)

    assert (ended.status, ended.out) == (0, "I am a student\n")
    assert (tmp_path / "map.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(("options", "shown"), [([], 0), (["--tokens"], 1)])
def test_page_is_written(
    jumok: Any, server: Any, tmp_path: Path, options: list[str], shown: int
) -> None:
    """--heatmap with .html writes a page of words and tokens, and says which model answered."""
    path = tmp_path / "map.html"
    ended = jumok("translate", *options, "--heatmap", str(path), TEXT)

    assert (ended.status, ended.out, ended.err) == (0, "I am a student\n", "")
    page = path.read_text("utf-8")
    assert page.startswith("<!doctype html>")
    data = json.loads(page.split('id="data">')[1].split("</script>")[0])
    assert (data["caption"]["source"], data["caption"]["target"]) == (TEXT, "I am a student")
    assert data["caption"]["model"] and data["caption"]["fingerprint"]
    assert [view["unit"] for view in data["views"]] == ["words", "tokens"]
    assert data["shown"] == shown


def test_pictures_are_numbered(jumok: Any, server: Any, tmp_path: Path) -> None:
    """Pictures of lines from standard input have the line number."""
    stdin = f"{TEXT}\n\n{TEXT}\n".encode()
    jumok("translate", "--heatmap", str(tmp_path / "map.svg"), "-", stdin=stdin)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["map-1.svg", "map-3.svg"]


def test_missing_font_is_reported(
    jumok: Any, server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a Hangul font a message says what to install, and the picture is written."""
    monkeypatch.setattr("jumok.pictures.font._installed", lambda: [])
    ended = jumok("translate", "--heatmap", str(tmp_path / "map.png"), TEXT)

    assert ended.status == 0
    assert ended.err == (
        "jumok translate: no installed font has Hangul: install fonts-noto-cjk or fonts-nanum, "
        "or set JUMOK_FONT to a font file; the picture shows boxes\n"
    )
    assert (tmp_path / "map.png").exists()


def test_invalid_font_is_reported(
    jumok: Any, server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A JUMOK_FONT that is not a font gives a message of one line."""
    monkeypatch.setenv("JUMOK_FONT", str(tmp_path / "none.ttf"))
    ended = jumok("translate", "--heatmap", str(tmp_path / "map.png"), TEXT)

    assert ended.status == 1
    assert "none.ttf is not a font file" in ended.err
