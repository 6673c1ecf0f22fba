"""Training: from sentence pairs to checkpoints."""
