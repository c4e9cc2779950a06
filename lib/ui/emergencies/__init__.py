"""Emergencies on the screens: what a client is told, what the staff sees, takes and ticks, and the settings."""
