"""Which search a way of decoding wants."""

from bundle.manifest import SpecialIds
from decoding.beam import Beam
from decoding.options import Decoding
from decoding.path import Path
from decoding.search import Search


def start_search(decoding: Decoding, special: SpecialIds) -> Search:
    """Make the search of one sentence, before its first step."""
    return Path(decoding, special) if decoding.beam == 1 else Beam(decoding, special)
