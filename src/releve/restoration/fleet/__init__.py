"""The fleet of machines: suspect, isolated, collected, wiped, re-imaged, checked, returned; never without evidence."""
