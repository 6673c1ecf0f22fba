"""From a checkpoint to a bundle: two ONNX graphs, the manifest, and proof that they agree."""
