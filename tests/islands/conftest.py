"""Makes what stands in this folder importable from the folders below it."""
