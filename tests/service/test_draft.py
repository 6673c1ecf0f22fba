"""A translation while it is written."""

import numpy as np

from jumok.bundle.folder import Bundle
from jumok.decoding.hypothesis import Choice
from jumok.service.draft import Draft
from jumok.service.events import Decided, SourceRead

ROW = np.full(3, 1 / 3, dtype=np.float32)


def make_draft(bundle: Bundle) -> Draft:
    tokenizer = bundle.target_tokenizer
    source = SourceRead(tokenizer.encode("I am"), 3, "</s>", "I am")
    return Draft(source, tokenizer, "writes")


def test_what_says_nothing_is_not_told(copying_bundle: Bundle) -> None:
    """An end that is provisional has no text: it is told only where it takes something back."""
    draft = make_draft(copying_bundle)
    word = Choice(copying_bundle.target_tokenizer.encode("학생").ids[0], -0.5, ROW)
    end = Choice(copying_bundle.manifest.special_ids.end, -0.5, ROW)
    assert draft.add([(0.0, Decided((), (end,)))]) is None
    shown = draft.add([(0.0, Decided((), (word, end)))])
    assert shown is not None
    assert [token.token_id for token in shown.provisional] == [word.token_id]
    nothing = draft.add([(0.0, Decided((), (end,)))])
    assert nothing is not None
    assert (nothing.tokens, nothing.provisional) == ((), ())
    assert draft.add([(0.0, Decided((), (end,)))]) is None
