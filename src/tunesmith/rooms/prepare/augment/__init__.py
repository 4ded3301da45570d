"""More training rows out of those that there are: small edits that leave the label right."""
