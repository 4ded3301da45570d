"""Pictures and sounds: files become numbers, by a model's own processor or by one that is made for the data."""
