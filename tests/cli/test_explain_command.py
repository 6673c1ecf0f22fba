"""`jumok explain`."""

import json
from dataclasses import replace
from typing import Any

import pytest

from jumok.cli.explain_output import markdown_lines, terminal_lines
from jumok.cli.explanation import Bar, Numbers, stages_of
from jumok.cli.explanation_wording import ENGLISH, KOREAN
from jumok.client.explained import Explained
from jumok.client.sync_client import Client

TEXT = "나는 학생입니다"


@pytest.fixture
def explained(client: Client) -> Explained:
    return client.explain(TEXT, token_index=3)


def test_text(jumok: Any, server: Any) -> None:
    """The stages come in order, each with its equation and the numbers of the token."""
    ended = jumok("explain", TEXT, "--token", "3")

    assert (ended.status, ended.err) == (0, "")
    assert ended.out.splitlines()[:14] == [
        "나는 학생입니다 → I am a student",
        "tokens of the translation:  0 I  1 am  2 a  3 stu  4 -dent  5 </s>",
        "How the model chose “stu”",
        "",
        "1. Query and keys",
        "   The decoder has written “I am a”. Its state, after it has read the last",
        "   token, is the query s. Each token of the source has a key k, made from the",
        "   encoder state h of that token.",
        "   k_i = U h_i   (Bahdanau et al. 2015, A.1.2)",
        "",
        "       query s     0.500  -0.250   1.500  …  3 numbers",
        "      key 나는     0.000   2.000  …  2 numbers",
        "      key 학생     1.000   2.000  …  2 numbers",
        "   key -입니다     2.000   2.000  …  2 numbers",
    ]
    headings = [line[3:] for line in ended.out.splitlines() if line[1:3] == ". "]
    assert headings == [
        "Query and keys",
        "Scores",
        "Softmax: the attention distribution",
        "Weighted sum: the context vector",
        "Concatenation: the attentional vector",
        "Generator: the best words",
    ]
    for line in (
        "      나는    0.500  ████████████",
        "      0.250 · h(학생)     0.250   0.500   1.000  …  3 numbers",
        "            [c; s]     1.000   1.750  …  -0.250   1.500  6 numbers",
        "     stu   0.7788  ██████████████████▊ ←",
        "   other   0.0821  ██",
    ):
        assert line in ended.out.splitlines()
    assert max(map(len, ended.out.splitlines())) <= 80


def test_korean(jumok: Any, server: Any) -> None:
    """--language ko gives the stages the names that Korean introductions use."""
    ended = jumok("explain", TEXT, "--language", "ko")

    for piece in (
        "“I” 토큰을 고르는 과정",
        "1. 질의(query)와 키(key)",
        "디코더는 아직 아무것도 쓰지 않았습니다.",
        "2. 유사도 점수(score)",
        "3. 소프트맥스(softmax): 어텐션 분포",
        "4. 가중합: 문맥 벡터(context vector)",
        "5. 이어 붙이기(concatenate): 어텐션 은닉 상태",
        "6. 생성기(generator): 가장 그럴듯한 단어",
        "모두 3개",
    ):
        assert piece in ended.out


def test_word(jumok: Any, server: Any) -> None:
    """--word explains the first token of a word, whatever its capitals and punctuation."""
    assert "How the model chose “stu”" in jumok("explain", TEXT, "--word", "Student.").out
    assert [each.token_index for each in server.servicer.explanations] == [0, 3]
    jumok("explain", TEXT, "--word", "i")
    assert [each.token_index for each in server.servicer.explanations] == [0, 3, 0]


def test_target(jumok: Any, server: Any) -> None:
    """A given translation is sent; a token that is not among the best has a sentence."""
    ended = jumok("explain", TEXT, "--target", "I am a cook", "--word", "cook")

    assert "“cook” here, with probability 7e-05." in " ".join(ended.out.split())
    assert {each.target for each in server.servicer.explanations} == {"I am a cook"}


def test_markdown(jumok: Any, server: Any) -> None:
    """Markdown has headings, equations in LaTeX, and a table for each stage."""
    lines = jumok("explain", TEXT, "--token", "3", "--format", "markdown").out.splitlines()

    assert lines[0] == "## How the model chose “stu”"
    assert r"$$e_i = v^\top \tanh(W s + k_i)$$ (Bahdanau et al. 2015, A.1.2)" in lines
    assert "| 나는 | 0.500 | ████████████ |" in lines
    assert r"| \[c; s\] | 1.000, 1.750, …, -0.250, 1.500 | 6 numbers |" in lines
    assert lines.count("| --- | ---: | --- |") == 6


def test_markup_in_pieces_is_escaped(explained: Explained) -> None:
    """Pieces that are markup of Markdown do not break tables."""
    odd = replace(explained, candidates=(replace(explained.candidates[0], piece="▁|*x"),))

    assert any(line.startswith(r"| **\|\*x** |") for line in markdown_lines(odd, ENGLISH))


def test_json(jumok: Any, server: Any) -> None:
    """JSON has all numbers, names as on the wire; so has an error."""
    (line,) = jumok("explain", TEXT, "--format", "json").out.splitlines()
    refused = jumok("explain", TEXT, "--token", "6", "--format", "json")

    assert json.loads(line)["explained"]["context"] == [1.0, 1.75, 4.0]
    assert json.loads(refused.out)["error"]["field"] == "token_index"
    assert refused.status == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--word", "teacher"], "has no word “teacher”"),
        (["--word", "?"], "has no word “?”"),
        (["--word", "I", "--token", "0"], "give --token or --word, not both"),
        (["--token", "-1"], "should be greater than or equal to 0"),
        (["--token", "6"], "token_index: the translation has 6 tokens"),
        (["--model", "old"], "the model old cannot explain"),
    ],
)
def test_mistakes(jumok: Any, server: Any, arguments: list[str], said: str) -> None:
    """A mistake gives one clear sentence."""
    ended = jumok("explain", TEXT, *arguments)

    assert ended.status != 0
    assert said in " ".join(ended.err.replace("│", " ").split())
    assert "Traceback" not in ended.err


@pytest.mark.parametrize("wording", [ENGLISH, KOREAN])
@pytest.mark.parametrize("wiring", ["luong", "bahdanau", "conditional"])
@pytest.mark.parametrize(
    "score", ["additive", "dot", "general", "scaled_dot", "location", "cosine"]
)
def test_every_model_has_its_equations(
    explained: Explained, wording: Any, wiring: str, score: str
) -> None:
    """All wirings and score functions have equations; without a lexical model none is named."""
    other = replace(explained, wiring=wiring, score_function=score, lexical=())
    stages = stages_of(other, wording)

    assert len(stages) == 6
    assert all(stage.equations and stage.sentences and stage.rows for stage in stages)
    assert all(isinstance(row, Bar | Numbers) for stage in stages for row in stage.rows)
    text = "\n".join(line.plain for line in terminal_lines(other, wording))
    assert ("+ V y" in text) == (wiring != "luong")
    assert "Nguyen" not in text
    assert "{" not in text
