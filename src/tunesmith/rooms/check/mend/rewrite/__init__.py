"""Files written again in their own format: only the records that change, every other byte as it was."""
