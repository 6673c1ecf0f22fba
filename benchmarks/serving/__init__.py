"""The serving engine beside its peers: one interleaved run on one machine."""
