"""The command line: it parses and shows. Nothing heavy is imported before a verb needs it."""
