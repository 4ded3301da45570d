"""Models: what is here, finding, trusting, loading and saving them. Import from the defining file."""
