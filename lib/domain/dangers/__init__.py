"""Words that mean danger or haste: what a report says, which number the client calls, who is told."""
