"""Errors of the `export` package; each message is one sentence."""


class ExportError(Exception):
    """A checkpoint cannot be exported."""


class ParityError(ExportError):
    """ONNX Runtime differs from PyTorch; the message names the check that failed."""
