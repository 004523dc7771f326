"""Why two names are one entity, or two."""


def why(a: str, b: str) -> list[str]:
    """Steps."""
    return []
