"""Generate Korean-English sentence pairs with gold word alignments from a grammar."""
