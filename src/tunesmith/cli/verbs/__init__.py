"""One module a verb: HELP and a function of its name, which parses, calls flow and shows."""
