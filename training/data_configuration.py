"""Where sentence pairs come from: the `[data]` table of a configuration."""

import re
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from training.frozen import Frozen


class EmbeddedCorpus(Frozen):
    """Sentence pairs from the grammar that comes with jumok."""

    train: int = Field(ge=1, description="pairs")
    dev: int = Field(500, ge=1)
    test: int = Field(500, ge=1)
    seed: int = 0


class TsvFile(Frozen):
    """A file of tab-separated columns, plain or gzip."""

    path: Path
    header: bool = False
    source: str | int = Field(1, description="column: a name of the header, or a number from 1")
    target: str | int = 2
    part: Literal["train", "dev", "test", "split"] = "train"
    group: str | int | None = Field(
        None, description="with part = 'split': rows equal in this column stay together"
    )
    group_pattern: str | None = Field(None, description="the part of that column that counts")

    @field_validator("group_pattern")
    @classmethod
    def _regular_expression(cls, pattern: str | None) -> str | None:
        try:
            re.compile(pattern or "")
        except re.error as error:
            raise ValueError(f"{pattern!r} is not a regular expression: {error}") from error
        return pattern

    @model_validator(mode="after")
    def _groups_are_split(self) -> Self:
        if self.group is not None and self.part != "split":
            raise ValueError("group needs part = 'split'")
        if self.group_pattern is not None and self.group is None:
            raise ValueError("group_pattern needs group")
        return self


class TextFiles(Frozen):
    """Two files with a sentence a line, plain or gzip."""

    source_path: Path
    target_path: Path
    part: Literal["train", "dev", "test"] = "train"


class HeldOut(Frozen):
    """How much of the groups of files with part = 'split' is held out."""

    dev: float = Field(0.02, gt=0, lt=0.5)
    test: float = Field(0.02, gt=0, lt=0.5)


class Data(Frozen):
    """Where sentence pairs come from. Paths are relative to the configuration's folder."""

    source_language: str = Field(min_length=2, description="BCP 47 tag")
    target_language: str = Field(min_length=2)
    embedded: EmbeddedCorpus | None = None
    tsv: tuple[TsvFile, ...] = ()
    text: tuple[TextFiles, ...] = ()
    held_out: HeldOut = HeldOut()
    max_malformed: float = Field(0.01, ge=0, le=1, description="share of a file's lines")

    @model_validator(mode="after")
    def _some_data(self) -> Self:
        if self.embedded is None and not self.tsv and not self.text:
            raise ValueError("name at least one of embedded, tsv, text")
        return self
