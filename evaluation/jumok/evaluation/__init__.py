"""Measures a checkpoint or a bundle on test sets, and compares what was measured."""
