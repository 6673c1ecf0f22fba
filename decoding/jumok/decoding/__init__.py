"""How a translation is decided: greedily, by sampling, by beam search; numpy alone.

Evaluation and service decide by the same code, so that what was measured is what is served.
"""
