"""The demonstrations: translations shown live, and everything from training to serving."""
