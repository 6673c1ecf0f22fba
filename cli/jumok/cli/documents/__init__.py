"""Documents of several kinds, whose text is translated and the rest kept byte for byte."""
