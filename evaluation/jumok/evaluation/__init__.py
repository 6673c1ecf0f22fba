"""Measure checkpoints and bundles on test sets, and compare the results."""
