"""Runs one target on inputs that a coverage-guided fuzzer makes: `fuzz.py TARGET [libFuzzer options] [CORPUS]`.

`fuzz.py list` names the targets. Needs atheris (`pip install 'paper-kg[fuzz]'`). The fixtures of the tests are
what it starts from; what it finds is written to the folder that it runs in, as `crash-…` or `timeout-…`.
"""

import gzip
import logging
import sys
from pathlib import Path

import atheris
import zstandard

with atheris.instrument_imports(include=["kg"]):
    from targets import TARGETS

FIXTURES = Path(__file__).parents[1] / "tests" / "sources" / "fixtures"
TEXT = b'{"id": "2302.13971", "title": "A title", "abstract": "LLaMA is a model."}\n'
SEEDS: dict[str, list[str | bytes]] = {
    "names": [
        "Llama-2-7b-chat-hf",
        "GPT-4-0613",
        "Qwen2.5-Math-72B-Instruct",
        "DALL·E 3",
        "β-VAE",
        "模型 v1.5",
        "K2",
        "LoRA+",
    ],
    "dates": [
        "2023-02-27T18:11:15Z",
        "Mon, 2 Apr 2007 19:18:42 GMT",
        "July 5-10, 2020",
        "02/2023",
        "2023 Feb 27",
    ],
    "packed": [
        gzip.compress(TEXT),
        zstandard.compress(TEXT),
        gzip.compress(TEXT) * 2 + bytes(40),
        zstandard.compress(TEXT) * 2,
        gzip.compress(TEXT)[:-9],
        TEXT,
    ],
}


def main() -> None:
    """Takes the target from the command line, and hands the rest to libFuzzer."""
    if sys.argv[1:] == ["list"]:
        print(*TARGETS)
        return
    name, rest = sys.argv[1], sys.argv[2:]
    corpus = next((Path(a) for a in rest if not a.startswith("-")), None)
    if corpus is not None and not any(corpus.iterdir()):
        for number, seed in enumerate(SEEDS.get(name, [])):
            (corpus / f"seed-{number}").write_bytes(seed if isinstance(seed, bytes) else seed.encode())
        for file in sorted(FIXTURES.iterdir()) if name not in SEEDS else ():
            (corpus / file.name).write_bytes(file.read_bytes())
    logging.disable(logging.CRITICAL)
    atheris.Setup([sys.argv[0], *rest], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
