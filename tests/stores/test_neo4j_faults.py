"""A real Neo4j, killed or stopped in mid-load: tried again for as long as asked, told clearly, resumed without loss."""

import threading

import pytest

from kg.errors import StoreUnavailableError

SMALL = {"p1": [("alpaca", "BUILT_ON", "llama", "Alpaca is fine-tuned from LLaMA.")]}
LARGE = {
    f"p{i}": [(f"m{i}", "BUILT_ON", "llama", "…"), ("alpaca", "COMPARED_TO", f"m{i}", "…")] for i in range(30)
}


@pytest.mark.neo4j
@pytest.mark.timeout(900)
def test_killed_in_mid_load(start_neo4j, free_ports, tmp_path, tabulate):
    port, home = free_ports(), tmp_path / "home"
    graph = tabulate(LARGE)

    with start_neo4j("5", home, port=port) as server, server.connect(retry=1) as store:

        def kill(done: int, total: int) -> None:
            if done > total // 3:
                server.process.kill()

        store.load(tabulate(SMALL))
        with pytest.raises(StoreUnavailableError, match="load again to finish"):
            store.load(graph, progress=kill)

    starting = threading.Event()

    with start_neo4j("5", home, port=port) as server, server.connect(retry=600) as store:
        assert store.generation == ""
        store.load(tabulate(SMALL))
        assert store.counts()["papers"] == 1

        def restart(done: int, total: int) -> None:
            if done > total // 3 and not starting.is_set():
                server.process.terminate()  # as an operator stops it: what runs is refused, then the port is closed
                server.process.wait()
                again.start()
                starting.set()

        ended = threading.Event()

        def serve() -> None:
            with start_neo4j("5", home, port=port):
                ended.wait()

        again = threading.Thread(target=serve)
        try:
            store.load(graph, progress=restart)
            assert starting.is_set()
            assert store.counts()["claims"] == 60
            assert store.generation == graph.generation
        finally:
            ended.set()
            if starting.is_set():
                again.join()
