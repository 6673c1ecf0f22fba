"""Options of a subcommand that say how to decode, and the `DecodingOptions` that they make."""

from typing import Annotated

import typer

from jumok.client.decoding import BeamSearch, DecodingOptions, Sampling

_BEAM = "Beam search"
_SAMPLING = "Sampling"

MaxTokens = Annotated[
    int | None,
    typer.Option(min=1, metavar="N", help="The most tokens to write.  Default: the model's limit."),
]
MinTokens = Annotated[
    int | None, typer.Option(min=0, metavar="N", help="The fewest tokens to write.  Default: 0.")
]
Prefix = Annotated[
    str, typer.Option("--prefix", metavar="TEXT", help="What the translation begins with.")
]
Alternatives = Annotated[
    int,
    typer.Option(
        min=0,
        metavar="K",
        help="List the K most probable others for each token, below the text.",
    ),
]
Beam = Annotated[
    int | None,
    typer.Option(
        "--beam",
        metavar="WIDTH",
        rich_help_panel=_BEAM,
        help="Beam width.  Default: greedy search.",
    ),
]
Hypotheses = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        rich_help_panel=_BEAM,
        help="List the N best, each after its score; of equal texts the first. Standard input "
        "gives lines of number, score and text, with tabs between.",
    ),
]
LengthPenalty = Annotated[
    float | None,
    typer.Option(
        metavar="A", rich_help_panel=_BEAM, help="0 prefers short translations.  Default: 1."
    ),
]
CoveragePenalty = Annotated[
    float | None,
    typer.Option(
        metavar="B",
        rich_help_panel=_BEAM,
        help="The larger, the more of the source must be attended to.  Default: 0.",
    ),
]
Provisional = Annotated[
    bool,
    typer.Option(
        "--provisional",
        rich_help_panel=_BEAM,
        help="Show, dim, what would follow if the search ended now: in a terminal, and in json.",
    ),
]
Sample = Annotated[
    bool,
    typer.Option("--sample", rich_help_panel=_SAMPLING, help="Draw each token at random."),
]
Temperature = Annotated[
    float | None,
    typer.Option(
        metavar="T",
        rich_help_panel=_SAMPLING,
        help="Below 1 the probable become more so, above 1 less.  Default: 1.",
    ),
]
TopK = Annotated[
    int | None,
    typer.Option(
        metavar="K", rich_help_panel=_SAMPLING, help="Draw from the K most probable tokens only."
    ),
]
TopP = Annotated[
    float | None,
    typer.Option(
        metavar="P",
        rich_help_panel=_SAMPLING,
        help="Draw from the most probable ones that together reach this probability only.",
    ),
]
Seed = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        rich_help_panel=_SAMPLING,
        help="Equal seeds give equal translations.  Default: a fresh one, which a terminal shows.",
    ),
]


def beam_search(
    beam: int | None,
    *,
    hypotheses: int | None,
    length_penalty: float | None,
    coverage_penalty: float | None,
    provisional: bool,
) -> BeamSearch | None:
    """The search with a beam that the options ask for; typer.BadParameter where one is missing."""
    _check_needed(
        "--beam WIDTH",
        beam is not None,
        {
            "--hypotheses": hypotheses is not None,
            "--length-penalty": length_penalty is not None,
            "--coverage-penalty": coverage_penalty is not None,
            "--provisional": provisional,
        },
    )
    if beam is None:
        return None
    return BeamSearch(
        width=beam,
        num_hypotheses=hypotheses,
        length_penalty=length_penalty,
        coverage_penalty=coverage_penalty,
        provisional=provisional,
    )


def sampling(
    sample: bool,
    *,
    temperature: float | None,
    top_k: int | None,
    top_p: float | None,
    seed: int | None,
) -> Sampling | None:
    """The sampling that the options ask for; typer.BadParameter where one is missing."""
    _check_needed(
        "--sample",
        sample,
        {
            "--temperature": temperature is not None,
            "--top-k": top_k is not None,
            "--top-p": top_p is not None,
            "--seed": seed is not None,
        },
    )
    if not sample:
        return None
    return Sampling(temperature=temperature, top_k=top_k, top_p=top_p, seed=seed)


def decoding(
    *,
    max_tokens: int | None,
    min_tokens: int | None,
    prefix: str,
    beam: BeamSearch | None,
    sampling: Sampling | None,
    alternatives: int,
) -> DecodingOptions:
    """All of it; typer.BadParameter for a beam and sampling at the same time."""
    if beam is not None and sampling is not None:
        raise typer.BadParameter("it excludes --beam: choose one", param_hint="--sample")
    return DecodingOptions(
        max_tokens=max_tokens,
        min_tokens=min_tokens,
        target_prefix=prefix,
        beam_search=beam,
        sampling=sampling,
        alternatives=alternatives,
    )


def _check_needed(needed: str, given: bool, flags: dict[str, bool]) -> None:
    for flag, used in flags.items():
        if used and not given:
            raise typer.BadParameter(f"it needs {needed}", param_hint=flag)
