"""`jumok bench`."""

import json
from pathlib import Path

import pytest

from tests.client.conftest import Run, Server


def test_closed_loop(jumok: Run, server: Server, tmp_path: Path) -> None:
    """Times and rates are printed and written to the file."""
    figures = tmp_path / "bench.json"
    ended = jumok("bench", "--requests", "20", "--clients", "4", "--json", str(figures))
    assert ended.status == 0
    assert ended.err == ""
    for word in ("p50", "p99", "TTFT", "ITL", "tokens/s", "20 of 20 calls"):
        assert word in ended.out
    report = json.loads(figures.read_text("utf-8"))
    assert (report["clients"], report["calls"], report["failed"]) == (4, 20, 0)
    assert report["tokens"] == 20 * 5
    assert report["ttft"]["p50"] <= report["ttft"]["p99"] <= report["end_to_end"]["p99"]


def test_open_loop(jumok: Run, server: Server, tmp_path: Path) -> None:
    """With a rate, calls are Poisson arrivals."""
    figures = tmp_path / "bench.json"
    ended = jumok(
        *("bench", "--requests", "40", "--rate", "100", "--most-ttft", "5000"),
        *("--json", str(figures), "--plot", str(tmp_path / "bench.png")),
    )
    assert ended.status == 0
    report = json.loads(figures.read_text("utf-8"))
    assert 0.15 < report["seconds"] < 3
    assert report["goodput"] == pytest.approx(report["calls_per_second"])
    assert "of them good" in ended.out
    assert (tmp_path / "bench.png").read_bytes().startswith(b"\x89PNG")


def test_calls_that_fail(jumok: Run, server: Server, tmp_path: Path) -> None:
    """Failed calls are counted, and the first reason is printed."""
    texts = tmp_path / "texts.txt"
    texts.write_text("나는 학생입니다\n고장\n", "utf-8")
    ended = jumok("bench", "--requests", "10", "--texts", str(texts))
    assert ended.status == 1
    assert "5 of 10 calls" in ended.out
    assert ended.err.startswith("jumok bench: 5 calls failed, the first: ")
    assert ended.err.count("\n") == 1
    texts.write_text("고장\n", "utf-8")
    ended = jumok("bench", "--requests", "3", "--texts", str(texts))
    assert (ended.status, ended.out) == (1, "")
    assert ended.err.startswith("jumok bench: every call failed: ")


def test_refused(jumok: Run, server: Server, tmp_path: Path) -> None:
    """User errors are reported in one sentence."""
    empty = tmp_path / "empty.txt"
    empty.write_text("\n", "utf-8")
    ended = jumok("bench", "--texts", str(empty))
    assert (ended.status, ended.err.count("\n")) == (1, 1)
    assert "has no text" in ended.err
    ended = jumok("bench", "--texts", str(tmp_path / "nowhere.txt"))
    assert (ended.status, ended.err.count("\n")) == (1, 1)
    ended = jumok("bench", "--address", "localhost:1", "--requests", "1")
    assert ended.status == 1
    assert "no server answers" in ended.err


def test_texts_are_split_at_line_ends(jumok: Run, server: Server, tmp_path: Path) -> None:
    """A file of texts is split only at line ends, and its byte order mark is removed."""
    texts = ["하나\u2028둘", "셋\x0b넷", "다섯\x0c여섯"]
    path = tmp_path / "texts.txt"
    path.write_bytes(("\ufeff" + "\r\n".join(texts)).encode())
    assert jumok("bench", "--requests", "3", "--texts", str(path)).status == 0
    assert {request.text for request in server.servicer.requests} == set(texts)


def test_texts_that_are_not_utf8(jumok: Run, server: Server, tmp_path: Path) -> None:
    """A file in another encoding is refused in one line, with the line number and what to do."""
    path = tmp_path / "texts.txt"
    path.write_bytes("Straße\nStraße\n".encode("latin-1"))
    ended = jumok("bench", "--texts", str(path))
    assert ended.status == 1
    assert ended.err.startswith(f"jumok bench: {path}, line 1: byte 5 is not UTF-8: convert")
    assert ended.err.count("\n") == 1


def test_home_in_paths(
    jumok: Run, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`~` in the value of an option, which shells leave alone, is the home folder."""
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "texts.txt").write_text("하나\n", "utf-8")
    ended = jumok(
        *("bench", "--requests", "2", "--texts=~/texts.txt", "--json=~/bench.json"),
        "--plot=~/bench.png",
    )
    assert (ended.status, ended.err) == (0, "")
    assert {path.name for path in tmp_path.iterdir()} >= {"bench.json", "bench.png"}
