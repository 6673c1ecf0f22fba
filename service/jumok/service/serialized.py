"""A response that is serialized already."""


class Serialized:
    """A response that is serialized in pieces, because a large one would hold the event loop."""

    def __init__(self, content: bytes) -> None:
        """Wrap a serialized message."""
        self._content = content

    def SerializeToString(self) -> bytes:  # noqa: N802 - as messages do
        """Return the serialized message."""
        return self._content

    def ByteSize(self) -> int:  # noqa: N802 - as messages do
        """Return its size."""
        return len(self._content)
