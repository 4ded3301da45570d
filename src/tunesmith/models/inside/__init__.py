"""A look inside a model while it answers: its attention, its positions, and what its answer came from."""
