"""Measurements of jumok beside other systems. No package of jumok imports this one."""
