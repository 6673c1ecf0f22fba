"""Training data: files and generators of sentence pairs, their division into parts, batches."""
