"""Heat maps of attention as pictures, and the fonts that they need."""
