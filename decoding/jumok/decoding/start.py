"""The choice of search for decoding options."""

from jumok.bundle.manifest import SpecialIds
from jumok.decoding.beam import Beam
from jumok.decoding.greedy import GreedySearch
from jumok.decoding.options import Decoding
from jumok.decoding.search import Search


def start_search(decoding: Decoding, special: SpecialIds) -> Search:
    """Create the search of one sentence."""
    return GreedySearch(decoding, special) if decoding.beam == 1 else Beam(decoding, special)
