"""ONNX Runtime: sessions of the two graphs, execution providers, precisions, rows on a device."""
