"""Reading in several processes: each gets papers on its standard input and gives records on its output.

Plain child processes, since forking a process with threads may hang and `multiprocessing` would run the caller's
script anew. A child ends when its input does, so that none outlives its parent, however that ends.
"""

import itertools
import pickle
import subprocess
import sys
from collections.abc import Iterable, Iterator
from typing import IO, Any

from kg.errors import KgError
from kg.lexicon import in_use, use
from kg.types import Paper, Record

_CHUNK = 250


def read_in_processes(papers: Iterable[Paper], processes: int) -> Iterator[Record]:
    """A record for each paper, in the order of the papers, read by that many processes."""
    papers = iter(papers)
    children = [
        subprocess.Popen(
            [sys.executable, "-P", "-c", "from kg.extract.worker import main; main()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for the parent, which then ends its children
        )
        for _ in range(processes)
    ]
    try:
        for child in children:
            _write(child.stdin, in_use())
        busy = [child for child in children if _give(child, papers)]
        for child in itertools.cycle(children):
            if child not in busy:
                break
            records = _take(child)
            if not _give(child, papers):
                busy.remove(child)
            yield from records
    finally:
        for child in children:
            child.kill()
            child.communicate()


def _give(child: "subprocess.Popen[bytes]", papers: Iterator[Paper]) -> bool:
    """Gives the child its next papers; False when there are none."""
    chunk = list(itertools.islice(papers, _CHUNK))
    if chunk:
        try:
            _write(child.stdin, chunk)
        except BrokenPipeError as error:
            raise _ended(child) from error
    return bool(chunk)


def _take(child: "subprocess.Popen[bytes]") -> list[Record]:
    try:
        records: list[Record] = pickle.load(child.stdout)  # type: ignore[arg-type]
    except EOFError as error:
        raise _ended(child) from error
    return records


def _ended(child: "subprocess.Popen[bytes]") -> KgError:
    return KgError(
        f"A reading process ended with code {child.wait()}; its error stands above. "
        "Read in one process to see which paper it is: processes=1."
    )


def _write(file: IO[bytes] | None, value: Any) -> None:
    assert file is not None
    pickle.dump(value, file, protocol=pickle.HIGHEST_PROTOCOL)
    file.flush()


def main() -> None:
    """Reads chunks of papers until the input ends."""
    from kg.extract.extractor import extractor

    use(pickle.load(sys.stdin.buffer))
    while True:
        try:
            papers = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        _write(sys.stdout.buffer, list(extractor().extract_all(papers, processes=1)))
