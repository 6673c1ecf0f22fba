"""An explained token as stages to read: headings, sentences, equations and numbers."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from jumok.cli.explanation_wording import Wording
from jumok.client.explained import Explained
from jumok.pictures.attention_map import label


@dataclass(frozen=True, slots=True)
class Equation:
    """An equation as plain text and as LaTeX, and where it is from."""

    plain: str
    latex: str
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Numbers:
    """A vector with its name.

    Attributes:
        name: what it is.
        values: its numbers.
        joined: whether it was joined of two, so that its last numbers are of interest, too.
    """

    name: str
    values: Sequence[float]
    joined: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """A number with its name, and the length of its bar, 0 to 1."""

    name: str
    number: str
    length: float
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of attention.

    Attributes:
        heading: its name.
        sentences: what happens in it.
        equations: how it is computed.
        rows: its numbers, all vectors or all bars.
        column: what the numbers of bars are.
    """

    heading: str
    sentences: tuple[str, ...]
    equations: tuple[Equation, ...]
    rows: tuple[Numbers, ...] | tuple[Bar, ...]
    column: str = ""


_LUONG: Final = "Luong et al. 2015"
_BAHDANAU: Final = "Bahdanau et al. 2015"
_OWN_KEYS: Final = Equation("k_i = h_i", r"k_i = h_i")
_KEYS: Final = {
    "additive": Equation("k_i = U h_i", r"k_i = U h_i", f"{_BAHDANAU}, A.1.2"),
    "general": Equation("k_i = W h_i", r"k_i = W h_i", f"{_LUONG}, section 3.1"),
    "location": Equation("k_i = w_i", r"k_i = w_i", f"{_LUONG}, section 3.1"),
    "cosine": Equation("k_i = h_i / |h_i|", r"k_i = h_i / \lVert h_i \rVert"),
}
_DOT: Final = Equation("e_i = sᵀ k_i", r"e_i = s^\top k_i", f"{_LUONG}, section 3.1")
_SCORES: Final = {
    "additive": Equation(
        "e_i = vᵀ tanh(W s + k_i)", r"e_i = v^\top \tanh(W s + k_i)", f"{_BAHDANAU}, A.1.2"
    ),
    "scaled_dot": Equation(
        "e_i = sᵀ k_i / √n", r"e_i = s^\top k_i / \sqrt{n}", "Vaswani et al. 2017, eq. 1"
    ),
    "cosine": Equation(
        "e_i = β sᵀ k_i / |s|",
        r"e_i = \beta\, s^\top k_i / \lVert s \rVert",
        "Graves et al. 2014, eq. 5 and 6",
    ),
}
_SOFTMAX: Final = Equation(
    "a_i = exp(e_i) / Σ_j exp(e_j)",
    r"a_i = \exp(e_i) / \sum_j \exp(e_j)",
    f"{_BAHDANAU}, eq. 6",
)
_SUM: Final = Equation("c = Σ_i a_i h_i", r"c = \sum_i a_i h_i", f"{_BAHDANAU}, eq. 5")
_WIDEST: Final = 1.0
_LEAST: Final = 1e-4


def stages_of(explained: Explained, words: Wording) -> tuple[Stage, ...]:
    """Return the stages of an explained token, in order, in the words of one language."""
    return (
        _query_and_keys(explained, words),
        _scores(explained, words),
        _attention(explained, words),
        _context(explained, words),
        _concatenation(explained, words),
        _generator(explained, words),
    )


def title_of(explained: Explained, words: Wording) -> str:
    """Return the heading of the whole."""
    return words.title.format(token=piece(explained.token.piece))


def piece(text: str) -> str:
    """Return a piece as it is shown: "student" for "▁student", "-tude" for one within a word."""
    if text[:1].isalnum():
        return label(f"-{text}")
    return label(text.removeprefix("▁") or text)


def _source(explained: Explained) -> list[str]:
    return [piece(token.piece) for token in explained.source.tokens]


def _query_and_keys(explained: Explained, words: Wording) -> Stage:
    written = "".join(token.text for token in explained.tokens[: explained.token_index])
    begin = words.written.format(written=label(written)) if written else words.begins
    keys = (
        Numbers(f"{words.labels['key']} {name}", position.key)
        for name, position in zip(_source(explained), explained.positions, strict=True)
    )
    query = words.query.get(explained.wiring, words.query["luong"])
    return Stage(
        words.query_and_keys,
        (begin, query, words.keys),
        (_KEYS.get(explained.score_function, _OWN_KEYS),),
        (Numbers(words.labels["query"], explained.query), *keys),
    )


def _scores(explained: Explained, words: Wording) -> Stage:
    scores = [position.score for position in explained.positions]
    most = max(map(abs, scores)) or _WIDEST
    return Stage(
        words.scores,
        (words.scored,),
        (_SCORES.get(explained.score_function, _DOT),),
        tuple(
            Bar(name, f"{score:.3f}", max(score, 0) / most)
            for name, score in zip(_source(explained), scores, strict=True)
        ),
        words.labels["score"],
    )


def _attention(explained: Explained, words: Wording) -> Stage:
    return Stage(
        words.attention,
        (words.softmax,),
        (_SOFTMAX,),
        tuple(
            Bar(name, f"{position.attention:.3f}", position.attention)
            for name, position in zip(_source(explained), explained.positions, strict=True)
        ),
        words.labels["weight"],
    )


def _context(explained: Explained, words: Wording) -> Stage:
    parts = (
        Numbers(
            f"{position.attention:.3f} · h({name})",
            [position.attention * value for value in position.value],
        )
        for name, position in zip(_source(explained), explained.positions, strict=True)
    )
    return Stage(
        words.context,
        (words.summed,),
        (_SUM,),
        (*parts, Numbers(words.labels["context"], explained.context)),
    )


def _concatenation(explained: Explained, words: Wording) -> Stage:
    before = explained.wiring == "luong"
    # the state that is concatenated is the query in Luong's wiring
    state = "s" if before else "s'"
    added = "" if before else " + V y"
    equations = [
        Equation(
            f"h̃ = tanh(W_c [c; {state}]{added})",
            rf"\tilde{{h}} = \tanh(W_c [c; {state}]{added})",
            f"{_LUONG}, eq. 5" if before else f"{_BAHDANAU}, A.2.2",
        )
    ]
    rows = [
        Numbers(words.labels["context"], explained.context),
        Numbers(f"{words.labels['state']} {state}", explained.decoder_output),
        Numbers(f"[c; {state}]", (*explained.context, *explained.decoder_output), joined=True),
        Numbers(words.labels["attentional"], explained.attentional),
    ]
    sentences = [words.concatenated, *[words.previous] * (not before)]
    if explained.lexical:
        sentences.append(words.lexical)
        rows.append(Numbers(words.labels["lexical"], explained.lexical))
    return Stage(words.concatenation, tuple(sentences), tuple(equations), tuple(rows))


def _generator(explained: Explained, words: Wording) -> Stage:
    inside = "h̃ + l" if explained.lexical else "h̃"
    latex = r"\tilde{h} + l" if explained.lexical else r"\tilde{h}"
    equation = Equation(
        f"p = softmax(W_s ({inside}) + b)" if explained.lexical else "p = softmax(W_s h̃ + b)",
        rf"p = \mathrm{{softmax}}(W_s ({latex}) + b)",
        f"{_LUONG}, eq. 6",
    )
    return Stage(
        words.generator,
        (words.generated, *_missing(explained, words)),
        (equation,),
        tuple(
            Bar(
                piece(each.piece),
                _probability(each.log_prob),
                math.exp(each.log_prob),
                each.id == explained.token.id,
            )
            for each in explained.candidates
        ),
        words.labels["probability"],
    )


def _missing(explained: Explained, words: Wording) -> Iterator[str]:
    token = explained.token
    if all(each.id != token.id for each in explained.candidates):
        yield words.missing.format(
            token=piece(token.piece), probability=_probability(token.log_prob)
        )


def _probability(log_prob: float) -> str:
    probability = math.exp(log_prob)
    return f"{probability:.4f}" if probability >= _LEAST else f"{probability:.0e}"
