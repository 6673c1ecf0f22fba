"""Decoding options of `jumok translate`, and their output."""

import json
import os
import pty
import re
import subprocess
import sys
from typing import Any

import pytest

from jumok.v1 import translation_pb2 as pb

TEXT = "나는 학생입니다"


def test_options_are_sent(jumok: Any, server: Any) -> None:
    """Each option is a field of the request."""
    common = "--max-tokens 9 --min-tokens 2 --prefix 저 --alternatives 3"
    beam = "--beam 4 --hypotheses 2 --length-penalty 0.5 --coverage-penalty 0.25 --provisional"
    sampling = "--sample --temperature 0.5 --top-k 9 --top-p 0.75 --seed 11"
    jumok("translate", TEXT, "--format", "json", *common.split(), *beam.split())
    jumok("translate", TEXT, *sampling.split())
    followed, drawn = (request.decoding for request in server.servicer.requests)

    assert followed == pb.DecodingOptions(
        max_tokens=9,
        min_tokens=2,
        target_prefix="저",
        beam_search=pb.BeamSearch(
            width=4, num_hypotheses=2, length_penalty=0.5, coverage_penalty=0.25, provisional=True
        ),
        alternatives=3,
    )
    assert drawn.sampling == pb.Sampling(temperature=0.5, top_k=9, top_p=0.75, seed=11)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--hypotheses 2", "--hypotheses: it needs --beam WIDTH"),
        ("--length-penalty 0", "--length-penalty: it needs --beam WIDTH"),
        ("--coverage-penalty 0", "--coverage-penalty: it needs --beam WIDTH"),
        ("--provisional", "--provisional: it needs --beam WIDTH"),
        ("--temperature 0.5", "--temperature: it needs --sample"),
        ("--top-k 5", "--top-k: it needs --sample"),
        ("--top-p 0.5", "--top-p: it needs --sample"),
        ("--seed 0", "--seed: it needs --sample"),
        ("--beam 2 --sample", "--sample: it excludes --beam: choose one"),
    ],
)
def test_options_need_each_other(jumok: Any, server: Any, arguments: str, message: str) -> None:
    """An option without the option that it requires is refused in one sentence; nothing is sent."""
    ended = jumok("translate", TEXT, *arguments.split())

    assert ended.status == 2
    assert message in " ".join(ended.err.replace("│", " ").split())
    assert not server.servicer.requests


def test_hypotheses_are_listed(jumok: Any, server: Any) -> None:
    """When piped, hypotheses are lines of score and text, without duplicate texts."""
    ended = jumok("translate", "--beam", "4", "--hypotheses", "4", TEXT)

    assert ended.out == "-0.2500\tI am a student\n-0.7500\tI study\n-1.0000\tA student\n"


def test_lists_of_lines_are_numbered(jumok: Any, server: Any) -> None:
    """Hypotheses of lines from standard input have the line number."""
    stdin = f"{TEXT}\n\n고장\n{TEXT}\n".encode()
    ended = jumok("translate", "--beam", "4", "--hypotheses", "3", "-", stdin=stdin)

    assert ended.status == 1
    assert ended.out.splitlines() == [
        "1\t-0.2500\tI am a student",
        "1\t-0.7500\tI study",
        "4\t-0.2500\tI am a student",
        "4\t-0.7500\tI study",
    ]
    assert ended.err.startswith("jumok translate: line 3: ")


def test_json_is_complete(jumok: Any, server: Any) -> None:
    """JSON has hypotheses with their tokens, provisional tokens, alternatives and the seed."""
    options = "--format json --beam 4 --hypotheses 2 --provisional --alternatives 1"
    ended = jumok("translate", *options.split(), TEXT)
    _, tokens, *_, result = map(json.loads, ended.out.splitlines())
    drawn = jumok("translate", "--format", "json", "--sample", TEXT).out.splitlines()[-1]

    assert [token["text"] for token in tokens["tokens"]["provisional"]] == [" stu", "dent"]
    assert tokens["tokens"]["tokens"][0]["alternatives"] == [
        {"id": 31, "piece": "▁I0", "log_prob": -2.0}
    ]
    assert result["result"]["hypotheses"][1]["tokens"][0]["piece"] == "▁I"
    assert json.loads(drawn)["result"]["seed"] == 7


def test_alternatives_are_below(jumok: Any, server: Any) -> None:
    """Each token is shown with its probability, and the alternatives with theirs."""
    lines = jumok("translate", "--alternatives", "2", TEXT).out.splitlines()

    assert lines[:2] == ["I am a student", ""]
    assert lines[3] == " ▁am  78%  ▁am0 14%  ▁am1 5%"
    assert lines[6].split() == ["dent", "78%", "▁dent0", "14%", "▁dent1", "5%"]


def in_terminal(*arguments: str) -> str:
    """What `jumok translate` writes to a terminal."""
    mine, its = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "NO_COLOR": "1"}
    command = [sys.executable, "-m", "jumok.cli", "translate", "--no-attention", *arguments, TEXT]
    with subprocess.Popen(command, stdout=its, env=environment) as process:
        os.close(its)
        written = b""
        try:
            while part := os.read(mine, 65536):
                written += part
        except OSError:  # the other side is closed
            pass
        os.close(mine)
    assert process.returncode == 0
    return written.decode().replace("\r\n", "\n")


def test_provisional_is_dim_in_a_terminal(server: Any) -> None:
    """Provisional text is shown dimmed after decided text, and replaced by what follows."""
    assert in_terminal("--beam", "4", "--provisional") == (
        "I\x1b[2m student\x1b[22m\r\x1b[JI am a student\n"
    )
    assert in_terminal("--beam", "4") == "I am a student\n"


def test_provisional_is_not_piped(jumok: Any, server: Any) -> None:
    """Where text cannot be erased, provisional text is not written."""
    assert jumok("translate", "--beam", "4", "--provisional", TEXT).out == "I am a student\n"


def test_list_replaces_the_best(server: Any) -> None:
    """A terminal shows the best hypothesis while it is decoded, then the list in its place."""
    text, _, listed = in_terminal("--beam", "4", "--hypotheses", "3").partition("\r\x1b[J")

    assert text == "I am a student"
    plain = re.sub(r"\x1b\[\d*m", "", listed)
    assert plain == " -0.2500  I am a student\n -0.7500  I study\n"


def test_seed_is_shown_in_a_terminal(server: Any) -> None:
    """A terminal shows the seed of a sampled translation."""
    assert "seed 7" in in_terminal("--sample")
