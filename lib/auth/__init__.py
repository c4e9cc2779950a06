"""Passwords, lock-out, signed tokens and the session cookie: primitives without store, pages or settings."""
