"""Benchmark of the serving engine and its peers, interleaved in one run on one machine."""
