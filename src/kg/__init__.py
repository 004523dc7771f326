"""kg reads machine-learning papers and answers who built what on what, with the sentence that says so."""

__version__ = "0.1.0"
