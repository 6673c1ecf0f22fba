"""ONNX Runtime: the sessions of the two graphs, providers, precisions, and rows."""
