"""Why ONNX Runtime cannot run a bundle here."""


class RuntimeSetupError(Exception):
    """The provider or the precision asked for does not work here; the message says what does."""
