"""XML of the ACL Anthology: collections of volumes, whose heads hold the dates of their papers."""

from collections.abc import Iterator, Mapping

from kg.sources.dates import in_words
from kg.sources.elements import Element, elements, root
from kg.sources.stream import Row, Source
from kg.types import Reject

_SITE = "https://aclanthology.org"


def recognise(source: Source, mapping: Mapping[str, str]) -> bool:
    """Whether its outermost element is a collection, or a volume, of papers."""
    name, _ = root(source)
    return name in ("collection", "volume") and (b"<paper" in source.head or b"<meta" in source.head)


def rows(source: Source, mapping: Mapping[str, str]) -> Iterator[Row | Reject]:
    """One row a paper; front matter is none. A retracted paper is set aside."""
    collection = volume = ""
    published: str | None = None
    for found in elements(source, ("paper", "meta"), ("collection", "volume")):
        if isinstance(found, Reject):
            yield found
        elif found.name == "collection":
            collection = found.attributes.get("id", "")
        elif found.name == "volume":
            volume, published = found.attributes.get("id", ""), None
        elif found.name == "meta":
            published = in_words(found.text("year"), found.text("month"))
        elif found.find("retracted") is not None or found.find("removed") is not None:
            yield source.reject(found.line, "retracted, says the anthology", found.text("title"))
        else:
            yield Row(found.line, _fields(found, _number(found, collection, volume), published))


def _fields(paper: Element, number: str, published: str | None) -> dict[str, object]:
    own = in_words(paper.text("year"), paper.text("month")) if paper.find("year") is not None else None
    return {
        "id": number,
        "title": paper.text("title"),
        "abstract": paper.text("abstract"),
        "published": own or published,
        "doi": paper.text("doi"),
        "url": f"{_SITE}/{number}" if number else None,
    }


def _number(paper: Element, collection: str, volume: str) -> str:
    """The paper's number in the anthology, such as 2020.acl-main.1, or N19-1423 in its older form."""
    given = paper.text("url")
    if given and "/" not in given:
        return given
    place = paper.attributes.get("id", "")
    if given or not (collection and volume and place):
        return given.rstrip("/").rpartition("/")[2].removesuffix(".pdf")
    if not collection[:1].isalpha():
        return f"{collection}-{volume}.{place}"
    # workshops have two digits for the volume and two for the paper, others one and three
    workshop = collection[0] == "W" or collection == "C69" or (collection == "D19" and volume >= "5")
    digits = (2, 2) if workshop else (1, 3)
    return f"{collection}-{volume.zfill(digits[0])}{place.zfill(digits[1])}"
