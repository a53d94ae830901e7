"""Relève keeps a hospital working when its information system is cut, and brings it back in the right order."""
