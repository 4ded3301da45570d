"""A search from files to a judged model, over the verbs of ``flow``: every trial is an ordinary run."""
