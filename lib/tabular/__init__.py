"""Files and tables: reading what people send, writing what they can open, and matching headers."""
