"""Series of FRED without a key, as its pages hand them out."""
