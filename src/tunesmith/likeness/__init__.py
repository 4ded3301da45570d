"""Workshop: which texts are nearly the same, whatever room asks.

``near.clusters(stream)`` answers at once. In it ``tokens`` cuts texts into hashed words, ``sketch`` finds pairs
that may be near (MinHash), ``judge`` compares them truly, ``near`` joins the pairs to clusters.
"""
