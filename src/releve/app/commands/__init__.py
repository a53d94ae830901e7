"""What one can type, one file for each family of commands. Read `../cli.py` first."""
