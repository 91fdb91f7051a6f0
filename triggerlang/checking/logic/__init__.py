"""Lints of rules alone: what a project says that can be proved idle, impossible, or is hardly meant.

They belong to `triggerlang check`; nothing that runs rules computes them, or refuses rules because of them.
"""
