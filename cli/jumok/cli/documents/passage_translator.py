"""The server, asked for the translation of one passage of a document."""

from collections.abc import Iterator, Mapping
from functools import cached_property

from jumok.cli.documents.document import Passage
from jumok.cli.line_work import with_patience
from jumok.client.decoding import DecodingOptions
from jumok.client.events import Model
from jumok.client.requests import ModelChoice, Segmentation
from jumok.client.sync_client import Client
from jumok.client.translation import Translation


class PassageTranslator:
    """Translates passages with the same options."""

    def __init__(
        self,
        client: Client,
        choice: ModelChoice,
        decoding: DecodingOptions | None,
        segmentation: Segmentation,
        glossary: Mapping[str, str],
        glossary_name: str,
        patience: float,
    ) -> None:
        """Keep the options; `patience` is how many seconds to wait for a server that is away."""
        self._client, self._choice, self._patience = client, choice, patience
        self._decoding, self._segmentation = decoding, segmentation
        self._glossary, self._glossary_name = glossary, glossary_name

    @cached_property
    def settings(self) -> str:
        """All that a translation depends on besides the passage."""
        choice = self._choice

        def ask() -> Iterator[Model]:
            yield self._client.get_model(
                choice.model,
                source_language=choice.source_language,
                target_language=choice.target_language,
            )

        (model,) = with_patience(ask, self._patience)
        # what a held glossary contains is not known here
        options = self._decoding, self._segmentation, self._glossary, self._glossary_name
        return repr((model.fingerprint, *options))

    def translate(self, passage: Passage) -> Iterator[Translation]:
        """Yield the translation of a passage; raise ClientError as `Client.translate_text` does."""

        def ask() -> Iterator[Translation]:
            yield self._client.translate_text(
                passage.text,
                model=self._choice.model,
                source_language=self._choice.source_language,
                target_language=self._choice.target_language,
                decoding=self._decoding,
                attention="none",
                segmentation=self._segmentation,
                text_format=passage.format,
                glossary=self._glossary,
                glossary_name=self._glossary_name,
            )

        return with_patience(ask, self._patience)
