"""Text: what is translated of a text and what is kept, before tokenization and after decoding.

Offsets refer to the text as it was sent, in Unicode code points.
"""
