"""Why an export fails; each message is one sentence."""


class ExportError(Exception):
    """A checkpoint cannot be exported."""


class ParityError(ExportError):
    """ONNX Runtime does not agree with PyTorch; the message names the bar that failed."""
