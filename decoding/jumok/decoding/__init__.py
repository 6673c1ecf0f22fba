"""Decoding: greedy search, sampling, beam search and forced decoding. Depends on NumPy only.

Evaluation and service use the same code, so what is measured is what is served.
"""
