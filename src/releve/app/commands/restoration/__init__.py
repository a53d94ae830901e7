"""`releve restoration`: plans made, checked, forecast and made again; a command a file, registered in `family.py`."""
