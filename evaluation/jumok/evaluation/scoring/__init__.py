"""Translate with any step model and score the results; independent of checkpoints and bundles."""
