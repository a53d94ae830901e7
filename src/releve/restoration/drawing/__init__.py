"""Plans as pictures: SVG set by hand on the server, the same on screen and on paper. Pure."""
