"""Why a comparison ends early."""


class PeerError(Exception):
    """Another system is missing, failed, or does not fit the configuration."""
