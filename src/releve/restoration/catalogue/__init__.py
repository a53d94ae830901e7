"""What is to be restored: templates of usual applications, the first case from the map, problems in words."""
