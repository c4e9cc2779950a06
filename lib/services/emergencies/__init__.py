"""Emergencies (requirement B8): a danger noticed in a report, whom it tells, who takes it, which numbers are called."""
