"""Errors of benchmarks."""


class PeerError(Exception):
    """Another system is missing, fails, or does not support the configuration."""
