"""What we are measured beside, each a process that prints `port N` once it listens."""
