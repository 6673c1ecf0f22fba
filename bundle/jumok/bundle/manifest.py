"""The manifest: all that the service needs to know before it opens a graph."""

import re
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from jumok.bundle.alignment import AlignmentRule
from jumok.bundle.calibration import Calibration
from jumok.bundle.languages import LanguageTag
from jumok.bundle.signature import GraphSignature
from jumok.bundle.stages import Stages

FORMAT: Final = "jumok.bundle"
FORMAT_VERSION: Final = 3
MANIFEST_NAME: Final = "manifest.json"
MOST_FILE_BYTES: Final = 2**31 - 1
"""The largest file of a bundle: an ONNX graph in one file cannot be larger."""

_MOST_BYTES: Final = 2**33  # of all files together
_MOST_FILES: Final = 100
MOST_TOKENS: Final = 4096
"""The highest limit on the tokens of a text: memory is reserved for texts of this length."""

_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def _plain_name(name: str) -> str:
    # A name without a separator cannot leave the folder on any platform.
    if not _FILE_NAME.fullmatch(name) or name == MANIFEST_NAME:
        raise ValueError(f"{name!r} is not a plain file name")
    return name


FileName = Annotated[str, AfterValidator(_plain_name)]
Precision = Literal["float32", "int8", "float16"]
"""Precision of matrix products by weights; inputs and outputs of the graphs are always float32."""
ModelName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FileEntry(_Frozen):
    """Size and sum of a file of the bundle."""

    size: int = Field(ge=0, le=MOST_FILE_BYTES, description="bytes")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class GraphEntry(_Frozen):
    """A graph: its file and signature."""

    file: FileName
    signature: GraphSignature


class Graphs(_Frozen):
    """The two graphs of one precision."""

    encoder: GraphEntry
    decoder_step: GraphEntry
    stages: Stages | None = Field(
        None, description="of the decoder step; null if it cannot be explained"
    )


class Limits(_Frozen):
    """Sizes that the model was checked for. Token counts exclude the end of the sentence."""

    max_source_tokens: int = Field(ge=1, le=MOST_TOKENS)
    max_target_tokens: int = Field(ge=1, le=MOST_TOKENS)


class SpecialIds(_Frozen):
    """Ids of special tokens, the same in both languages."""

    padding: int = 0
    unknown: int = 1
    begin: int = 2
    end: int = 3


class Manifest(_Frozen):
    """The content of `manifest.json`."""

    format: Literal["jumok.bundle"] = FORMAT
    format_version: Literal[3] = FORMAT_VERSION
    producer_version: str = Field(max_length=100)
    name: ModelName
    source_language: LanguageTag
    target_language: LanguageTag
    source_tokenizer: FileName
    target_tokenizer: FileName
    special_ids: SpecialIds = SpecialIds()
    limits: Limits
    precisions: dict[Precision, Graphs] = Field(
        description="graphs by precision; float32 is always included"
    )
    alignment_rule: AlignmentRule = Field(
        "posterior", description="default rule to align by: the best one on gold alignments"
    )
    calibration: Calibration | None = Field(
        None, description="of the confidence in a translation; null before `jumok calibrate`"
    )
    files: dict[FileName, FileEntry] = Field(max_length=_MOST_FILES)
    provenance: dict[str, Any] = Field(
        description="training configuration, data hashes, seed, versions and metrics"
    )

    @model_validator(mode="after")
    def _sizes_and_ids_are_possible(self) -> "Manifest":
        total = sum(file.size for file in self.files.values())
        if total > _MOST_BYTES:
            raise ValueError(f"the files have {total} bytes, more than {_MOST_BYTES}")
        ids = set(self.special_ids.model_dump().values())
        if len(ids) < len(SpecialIds.model_fields) or min(ids) < 0:
            raise ValueError("the special ids are not four different ids")
        return self

    @model_validator(mode="after")
    def _every_file_is_listed(self) -> "Manifest":
        if "float32" not in self.precisions:
            raise ValueError("float32 is not among the precisions")
        graphs = self.precisions.values()
        for name in (
            self.source_tokenizer,
            self.target_tokenizer,
            *(entry.file for each in graphs for entry in (each.encoder, each.decoder_step)),
        ):
            if name not in self.files:
                raise ValueError(f"{name} is not listed under files")
        return self
