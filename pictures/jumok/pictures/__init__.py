"""Attention as pictures, and the fonts that they need."""
