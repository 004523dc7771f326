"""A handful of annotated papers, all alike but for the name of the model: enough to learn from, in a second."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

NAMES = ["Ardent", "Bexley", "Corvid", "Dunlin", "Egret", "Falcata", "Gannet", "Heron", "Ibis", "Jacana", "Kestrel",
         "Lapwing", "Merlin", "Nightjar", "Osprey", "Petrel"]  # fmt: skip


def paper(name: str) -> dict[str, Any]:
    """An annotated paper that introduces a model of that name."""
    entities = [(name, "Model", True), ("LLaMA", "Model", False), ("Falcon", "Model", False),
                ("question answering", "Task", False)]  # fmt: skip
    return {
        "id": name,
        "title": f"{name}: a small model for question answering",
        "abstract": f"We present {name}, a 7B model which is fine-tuned from LLaMA. It outperforms Falcon.",
        "entities": [{"name": n, "type": t, "aliases": [], "introduced": i} for n, t, i in entities],
        "triples": [
            {"subject": name, "relation": "BUILT_ON", "object": "LLaMA", "how": "fine-tuned"},
            {"subject": name, "relation": "COMPARED_TO", "object": "Falcon", "outcome": "better"},
            {"subject": name, "relation": "HAS_SIZE", "object": "7B", "value": 7e9, "unit": "parameters"},
        ],
    }


def gold(folder: Path, names: Sequence[str] = NAMES) -> Path:
    """A file of such papers."""
    path = folder / "gold.jsonl"
    path.write_text("".join(json.dumps(paper(n)) + "\n" for n in names))
    return path
