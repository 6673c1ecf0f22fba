"""A seeded generator of Korean-English sentence pairs with gold word alignments."""
