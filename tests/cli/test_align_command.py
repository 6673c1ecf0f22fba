"""`jumok align`."""

import json
from pathlib import Path
from typing import Any

import pytest

TEXT = "나는 학생입니다"
ENGLISH = "I am a student"


@pytest.fixture
def files(tmp_path: Path) -> Any:
    """Write lines to two files; return the options for them."""

    def write(sources: list[str], targets: list[str]) -> list[str]:
        names = []
        for name, lines in (("source", sources), ("target", targets)):
            path = tmp_path / name
            path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
            names += [f"--{name}-file", str(path)]
        return names

    return write


def said(ended: Any) -> str:
    return " ".join(ended.err.replace("│", " ").split())


def test_pair_as_text(jumok: Any, server: Any) -> None:
    """A pair is printed as each target word with its source word and weight."""
    ended = jumok("align", TEXT, ENGLISH)

    assert (ended.status, ended.err) == (0, "")
    assert ended.out.splitlines() == [
        "      I  나는 75%",
        "     am  학생입니다 75%",
        "      a  학생입니다 75%",
        "student  학생입니다 75%",
        "",
        "log-probability -1.50, perplexity 1.25, links by the rule posterior",
    ]
    assert server.servicer.pairs[0].attention == 1


def test_heat_map_below(jumok: Any, server: Any) -> None:
    """With --attention a heat map follows, by word or by token."""
    by_word = jumok("align", "--attention", TEXT, ENGLISH).out.splitlines()
    by_token = jumok("align", "--attention", "--tokens", TEXT, ENGLISH).out.splitlines()

    assert by_word[7].split() == ["나는", "학생입니다", "</s>"]
    assert by_token[-1].split()[0] == "</s>"


def test_other_formats(jumok: Any, server: Any) -> None:
    """A pair is printed as links in Pharaoh format, or completely as one line of JSON."""
    pharaoh = jumok("align", "--format", "pharaoh", TEXT, ENGLISH)
    (line,) = jumok("align", "--format", "json", TEXT, ENGLISH).out.splitlines()
    aligned = json.loads(line)["aligned"]

    assert pharaoh.out == "0-0 1-1 1-2 1-3\n"
    assert (aligned["rule"], aligned["perplexity"]) == ("posterior", 1.25)
    assert aligned["tokens"][0]["attention"] == [0.96, 0.02, 0.01, 0.01]
    assert [pair.attention for pair in server.servicer.pairs] == [1, 4]


def test_rule_and_model_are_sent(jumok: Any, server: Any) -> None:
    """--rule and --model are sent, and the output names the rule."""
    ended = jumok("align", "--rule", "writes", "--model", "ko-en", TEXT, ENGLISH)
    (pair,) = server.servicer.pairs

    assert (pair.rule, pair.model) == (1, "ko-en")
    assert "links by the rule writes" in ended.out


def test_files_give_a_line_each(jumok: Any, server: Any, files: Any) -> None:
    """The lines of two files give lines of links in the same order, although many run at once."""
    targets = [" ".join("word" for _ in range(1 + n % 7)) for n in range(100)]
    ended = jumok("align", *files([TEXT] * 100, targets))

    assert (ended.status, ended.err) == (0, "")
    assert [len(line.split()) for line in ended.out.splitlines()] == [1 + n % 7 for n in range(100)]


def test_failed_pairs_give_empty_lines(jumok: Any, server: Any, files: Any) -> None:
    """A failing pair gives an empty line and a message; two empty lines give an empty line."""
    ended = jumok("align", *files([TEXT, TEXT, "", "", TEXT], ["I", "너무 김", " ", "a", "I am"]))

    assert ended.status == 1
    assert ended.out == "0-0\n\n\n\n0-0 1-1\n"
    assert ended.err.splitlines() == [
        "jumok align: line 2: target: is too long: split it",
        "jumok align: line 4: source: the line is empty where the target has text",
    ]


def test_files_as_json_and_text(jumok: Any, server: Any, files: Any) -> None:
    """JSON and text have the line number of each pair."""
    names = files([TEXT, "", TEXT], ["너무 김", "", "I"])
    refused, aligned = map(json.loads, jumok("align", "--format", "json", *names).out.splitlines())
    text = jumok("align", "--format", "text", *names)

    assert (refused["line"], refused["error"]["field"]) == (1, "target")
    assert (aligned["line"], aligned["aligned"]["text"]) == (3, "I")
    assert text.out.splitlines()[:2] == ["line 3", "I  나는 75%"]


@pytest.mark.parametrize("longer", ["source", "target"])
def test_unequal_files(jumok: Any, server: Any, files: Any, longer: str) -> None:
    """Files of unequal length are aligned up to the shorter one, then both lengths are printed."""
    names = files(
        [TEXT] * (5 if longer == "source" else 2), ["I"] * (2 if longer == "source" else 5)
    )
    ended = jumok("align", *names)

    assert (ended.status, ended.out) == (1, "0-0\n0-0\n")
    counts = "5 source lines and 2 target" if longer == "source" else "2 source lines and 5 target"
    assert counts in ended.err


def test_standard_input(jumok: Any, server: Any, files: Any) -> None:
    """One file can be standard input; a line that is not UTF-8 does not affect the others."""
    names = files([TEXT] * 3, [])[:2]
    ended = jumok("align", *names, "--target-file", "-", stdin=b"I\n\xff\nI am\n")

    assert (ended.status, ended.out) == (1, "0-0\n\n0-0 1-1\n")
    assert ended.err.startswith("jumok align: line 2: target: byte 1 is not UTF-8")


def test_overload_is_retried(jumok: Any, server: Any, files: Any) -> None:
    """A pair that the server refuses as overloaded is sent again."""
    server.servicer.overloads = 2
    ended = jumok("align", *files(["만원"], ["I"]))

    assert (ended.status, ended.out) == (0, "0-0\n")
    assert len(server.servicer.pairs) == 3


def test_errors_of_all_pairs_end_the_command(jumok: Any, server: Any, files: Any) -> None:
    """An error that concerns all pairs ends the command and is printed once."""
    ended = jumok("align", "--model", "de-en", *files([TEXT] * 3, ["I"] * 3))

    assert (ended.status, ended.err.count("\n")) == (1, 1)
    assert "de-en" in ended.err


def test_pictures(jumok: Any, server: Any, files: Any, tmp_path: Path) -> None:
    """--heatmap writes one picture for a pair, and numbered ones for many."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    jumok("align", "--heatmap", str(folder / "map.svg"), TEXT, ENGLISH)
    names = files([TEXT, "", TEXT], [ENGLISH, "", ENGLISH])
    ended = jumok("align", "--heatmap", str(folder / "map.svg"), *names)

    assert ended.out == "0-0 1-1 1-2 1-3\n\n0-0 1-1 1-2 1-3\n"
    assert sorted(path.name for path in folder.iterdir()) == ["map-1.svg", "map-3.svg", "map.svg"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "give SOURCE and TARGET, or --source-file and --target-file"),
        ([TEXT], "give SOURCE and TARGET"),
        ([TEXT, "--source-file", "a", "--target-file", "b"], "not both"),
        (["--source-file", "a"], "need each other"),
        (["--source-file", "-", "--target-file", "-"], "only one of the files"),
        ([TEXT, ENGLISH, "--format", "pharaoh", "--attention"], "pharaoh has links alone"),
        ([TEXT, ENGLISH, "--rule", "guess"], "--rule"),
        ([TEXT, ENGLISH, "--heatmap", "map.gif"], "must end in one of"),
    ],
)
def test_usage(jumok: Any, server: Any, arguments: list[str], message: str) -> None:
    """Wrong arguments are a usage error, and nothing is sent."""
    ended = jumok("align", *arguments)

    assert ended.status == 2
    assert message in said(ended)
    assert not server.servicer.pairs


def test_errors_are_one_line(jumok: Any, server: Any) -> None:
    """A refused request or a missing file gives one line and exit status 1."""
    refused = jumok("align", TEXT, "너무 김")
    missing = jumok("align", "--source-file", "/nowhere/a", "--target-file", "/nowhere/b")

    assert refused.err == "jumok align: target: is too long: split it\n"
    assert missing.err == "jumok align: /nowhere/a: No such file or directory\n"
    assert (refused.status, missing.status) == (1, 1)
