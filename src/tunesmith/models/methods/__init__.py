"""Ways to train less than the whole model. Each changes a loaded model for the loop, and gives back a whole one."""
