"""Reports: what a run over a log looks like, as one page."""
