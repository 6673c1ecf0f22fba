"""Where sentence pairs come from: the `[data]` table of a configuration."""

import re
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from jumok.training.data.markup import Markup
from jumok.training.errors import ConfigurationError
from jumok.training.toml_file import Frozen, read_toml, validated

Column = str | int
"""A name of the header, or a number from 1."""


def _regular_expression(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"{pattern!r} is not a regular expression: {error}") from error
    return pattern


RegularExpression = Annotated[str, AfterValidator(_regular_expression)]


class EmbeddedCorpus(Frozen):
    """Sentence pairs from the grammar that comes with jumok."""

    train: int = Field(ge=1, description="pairs")
    dev: int = Field(500, ge=1)
    test: int = Field(500, ge=1)
    seed: int = 0
    longest: int = Field(1, ge=1, description="sentences of a pair, one after the other, at most")


class HeldOut(Frozen):
    """How much of the groups of files with part = 'split' is held out."""

    dev: float = Field(0.02, ge=0, lt=0.5)
    test: float = Field(0.02, ge=0, lt=0.5)


class _ParallelFile(Frozen):
    """What any file of sentence pairs has."""

    name: str = Field("", description="of its sets; that of the file up to a full stop")
    weight: float = Field(1, ge=0, description="copies of each training pair, on average")
    limit: int | None = Field(
        None, ge=1, description="at most this many rows, chosen by what they hold"
    )


class TsvFile(_ParallelFile):
    """A file of tab-separated columns, plain or gzip."""

    path: Path
    header: bool = False
    source: Column = 1
    target: Column = 2
    part: Literal["train", "dev", "test", "split"] = "train"
    group: Column | None = Field(
        None, description="with part = 'split': rows equal in this column stay together"
    )
    group_pattern: RegularExpression | None = Field(
        None, description="the part of that column that counts"
    )
    held_out: HeldOut | None = Field(None, description="shares for this file alone")
    keep: dict[str, RegularExpression] = Field(
        {}, description="columns that must match for a row to be taken"
    )
    drop: dict[str, RegularExpression] = Field({}, description="columns of which none may match")
    markup: Markup | None = Field(None, description="what to strip, so that prose is left")

    @property
    def set_name(self) -> str:
        """What its dev and test sets are called."""
        return self.name or _stem(self.path)

    @model_validator(mode="after")
    def _groups_are_split(self) -> Self:
        if self.group is not None and self.part != "split":
            raise ValueError("group needs part = 'split'")
        if self.held_out is not None and self.part != "split":
            raise ValueError("held_out needs part = 'split'")
        if self.group_pattern is not None and self.group is None:
            raise ValueError("group_pattern needs group")
        return self


class TextFiles(_ParallelFile):
    """Two files with a sentence a line, plain or gzip."""

    source_path: Path
    target_path: Path
    part: Literal["train", "dev", "test"] = "train"

    @property
    def set_name(self) -> str:
        """What its dev or test set is called."""
        return self.name or _stem(self.source_path)


class GoldFile(Frozen):
    """Sentence pairs with gold word alignments, in tab-separated columns, plain or gzip.

    Words stand between spaces, links are `source-target` as in `0-1 2-3`, counted from 0.
    """

    path: Path
    name: str = Field("", description="of its set; that of the file up to a full stop")
    part: Literal["dev", "test"] = "test"
    header: bool = False
    source_tokens: Column = 1
    target_tokens: Column = 2
    links: Column = 3
    target_annotated: Column | None = Field(
        None, description="numbers of the target words whose links were looked for"
    )
    source_text: Column | None = Field(None, description="as written; else the words and spaces")
    target_text: Column | None = None

    @property
    def set_name(self) -> str:
        """What its set is called."""
        return self.name or _stem(self.path)


class Cleaning(Frozen):
    """Which training pairs are left out, whatever file they come from."""

    max_length_ratio: float | None = Field(
        None, gt=1, description="of the sides' bytes in UTF-8, which scripts differ little in"
    )
    drop_identical: bool = Field(False, description="pairs whose sides are the same text")
    drop_repeated: bool = Field(False, description="pairs that occurred before")


class DataConfiguration(Frozen):
    """Where sentence pairs come from. Paths are relative to the configuration's folder."""

    source_language: str = Field(min_length=2, description="BCP 47 tag")
    target_language: str = Field(min_length=2)
    embedded: EmbeddedCorpus | None = None
    tsv: tuple[TsvFile, ...] = ()
    text: tuple[TextFiles, ...] = ()
    gold: tuple[GoldFile, ...] = ()
    alignments: Path | None = Field(
        None, description="TSV of source, target, links: for training pairs, where found in it"
    )
    held_out: HeldOut = HeldOut()
    cleaning: Cleaning = Cleaning()
    max_malformed: float = Field(0.01, ge=0, le=1, description="share of a file's lines")

    @model_validator(mode="after")
    def _some_data(self) -> Self:
        if self.embedded is None and not self.tsv + self.text + self.gold:
            raise ValueError("name at least one of embedded, tsv, text, gold")
        return self


def load_data(path: Path) -> DataConfiguration:
    """Read the `[data]` table of a TOML file, whatever its other tables.

    Raises:
        ConfigurationError: the file cannot be read or is not TOML, or the table is missing or
            invalid.
    """
    values = read_toml(path)
    if "data" not in values:
        raise ConfigurationError(
            f"{path} has no [data] table; add one that names the sentence pairs"
        )
    return validated(DataConfiguration, values["data"], path, "data.")


def _stem(path: Path) -> str:
    return path.name.split(".")[0] or path.name
