"""Which lines of a corpus make up a text: found out, and joined."""
