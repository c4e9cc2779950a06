"""Words that mean danger or urgency: what a report says, which number the client calls, who is alerted."""
