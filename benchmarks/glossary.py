"""Glossaries: how often is a term in the translation, and what does it cost in BLEU?

    jumok serve models/de-en &
    python -m benchmarks.glossary ../shared/data/test/first-contact.de-en.dev.tsv de

Sentences are those with a noun that `Align` links to one word of the first reference. This pair
is the glossary of its sentence. Both use beam 5. BLEU uses all references of the file, whose
columns are the source and the references.
"""

import argparse
import re
from pathlib import Path
from typing import Final

import sacrebleu

from jumok.client import BeamSearch, Client, DecodingOptions
from jumok.client.aligned import Aligned
from jumok.client.events import Span

_LEAST_WEIGHT: Final = 0.8
_KOREAN: Final = re.compile(r"(.{2,}?)(?:은|는|이|가|을|를|에서|에|의|도|으로|로|와|과)")
_BEAM: Final = DecodingOptions(beam_search=BeamSearch(width=5))


def term_of(aligned: Aligned, language: str) -> tuple[str, str] | None:
    """Return the word with the surest link, without particle, and its translation."""
    counts = [link.source_word for link in aligned.alignment]
    for link in sorted(aligned.alignment, key=lambda link: -link.weight):
        source = _word(aligned.source_text, aligned.source.words[link.source_word])
        target = _word(aligned.text, aligned.words[link.target_word])
        if language == "ko":
            match = _KOREAN.fullmatch(source)
            source = match[1] if match else ""
        is_noun = len(source) > 1 and (language == "ko" or source[0].isupper())
        sure = link.weight > _LEAST_WEIGHT and counts.count(link.source_word) == 1
        if is_noun and sure and target.isalpha() and len(target) > 3:
            return source, target
    return None


def _word(text: str, span: Span) -> str:
    return text[span.start : span.end].strip(".,!?")


def main() -> None:
    """Translate the sentences with and without glossary, and print both scores."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("language")
    parser.add_argument("--address", default="localhost:50051")
    options = parser.parse_args()
    lines = [line.split("\t") for line in options.file.read_text("utf-8").splitlines()]
    translations: dict[bool, list[str]] = {False: [], True: []}
    found = {False: 0, True: 0}
    references = []
    with Client(options.address) as client:
        for source, *rest in lines:
            aligned = client.align(source, rest[0], source_language=options.language)
            term = term_of(aligned, options.language)
            if term is None:
                continue
            references.append([reference or rest[0] for reference in rest])
            for with_glossary in (False, True):
                text = client.translate_text(
                    source,
                    source_language=options.language,
                    decoding=_BEAM,
                    glossary=dict([term]) if with_glossary else None,
                ).text
                translations[with_glossary].append(text)
                found[with_glossary] += term[1].lower() in text.lower()
    for with_glossary, texts in translations.items():
        score = sacrebleu.corpus_bleu(texts, [list(each) for each in zip(*references, strict=True)])
        share = found[with_glossary] / len(texts)
        name = "glossary" if with_glossary else "none"
        print(f"{name:10}{len(texts)} sentences, {share:.1%} with the term, BLEU {score.score:.1f}")


if __name__ == "__main__":
    main()
