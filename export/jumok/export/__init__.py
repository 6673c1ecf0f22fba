"""Export of a checkpoint as a bundle: two ONNX graphs, manifest and parity report."""
