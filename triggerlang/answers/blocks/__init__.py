"""Test blocks: run, explained, counted for coverage, and shown in each format."""
