"""Rendering: tables written in each format, from values alone."""
