"""A literature-review knowledge base: records plus decisions, everything else computed."""

__version__ = "0.1.0"
