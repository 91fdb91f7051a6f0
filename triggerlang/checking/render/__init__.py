"""Rendering: diagnostics as text, one module for each format; each takes diagnostics and gives text."""
