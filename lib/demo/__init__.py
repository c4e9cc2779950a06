"""The demo workspace: a made-up brokerage whose half year is played through the real services."""
