"""Language tags."""


def primary_language(tag: str) -> str:
    """Return the primary language of a BCP 47 tag in lower case, such as "zh" of "zh-Hant-TW"."""
    return tag.replace("_", "-").partition("-")[0].lower()
