"""Ask a real language model through a real OpenAI-compatible server, then replay with the server shut down.

    python -m tests.external.ask_transformers_serve

Starts `transformers serve` in a process of its own on 127.0.0.1 with the bundled SmolLM2-135M-Instruct, asks ten
questions through `pipeline.annotation.model.asking.ask`, and prints what came back.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from pipeline.annotation.model.asking import Asked, ask
from pipeline.annotation.model.budget import Budget
from pipeline.annotation.model.forecast import announcement, forecast
from pipeline.annotation.model.question import Question, Service
from pipeline.annotation.tree.taxonomy import load_taxonomy
from pipeline.errors import UserError
from pipeline.networks.sources import bundled_folder
from tests.conftest import ROOT, TEXTS

START_S = 300


@contextmanager
def served(model: str, log: Path) -> Iterator[str]:
    """The server's address, once it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "transformers.cli.transformers", "serve", model]
    command += ["--host", "127.0.0.1", "--port", str(port), "--device", "cpu", "--dtype", "float32"]
    with log.open("w") as file:
        environment = os.environ | {"HF_HUB_OFFLINE": "1"}
        process = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT, env=environment)
    opener = build_opener(ProxyHandler({}))
    try:
        until = time.monotonic() + START_S
        while True:
            try:
                opener.open(f"http://127.0.0.1:{port}/health", timeout=5).close()
                break
            except (URLError, OSError):
                if process.poll() is not None or time.monotonic() > until:
                    raise SystemExit(f"the server did not start:\n{log.read_text()[-3000:]}") from None
                time.sleep(0.5)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        process.wait(30)


def ten_questions() -> list[Question]:
    """One for each of ten comments, with the sample's taxonomy."""
    leaves = tuple(load_taxonomy(ROOT / "data" / "taxonomy.yaml").leaves)
    system = (
        "You categorise short Chinese comments on videos. Answer one JSON object and nothing else, "
        f'{{"leaf": one of {", ".join(leaves)}, "also": [], "confidence": number from 0 to 1}}.'
    )
    example = (("user", "哈哈哈笑死"), ("assistant", '{"leaf": "joy", "also": [], "confidence": 0.9}'))
    return [
        Question(f"dm{number}", (("system", system), *example, ("user", text)), leaves)
        for number, text in enumerate(TEXTS)
    ]


def shown(what: str, asked: Asked, seconds: float) -> None:
    """Print what came back."""
    print(
        f"\n{what}: {len(asked.answers)} comments in {seconds:.1f} s, {asked.requests} requests, "
        f"{asked.from_cache} from the cache, {asked.tokens.input} tokens read and {asked.tokens.output} written, "
        f"served by {asked.served_by}"
    )
    for answer in asked.answers:
        print(f"  {answer.comment_id}: {answer.leaf} {answer.leaves[1:]} {answer.confidence}  {answer.raw!r:.80}")
        if answer.fault:
            print(f"      {answer.fault}")


def main() -> None:
    """Ask, replay, and see the errors that a wrong model name and a missing server give."""
    os.environ["NO_PROXY"] = "127.0.0.1"
    model = str(bundled_folder("SmolLM2-135M-Instruct"))
    questions = ten_questions()
    with tempfile.TemporaryDirectory(prefix="asking-") as folder:
        cache = Path(folder) / "answers.sqlite"
        with served(model, Path(folder) / "log") as url:
            service = Service(
                base_url=url,
                model=model,
                key=None,
                concurrency=2,
                attempts=2,
                timeout_s=300.0,
                max_output_tokens=48,
                answer_format="text",
            )
            print(announcement(forecast(questions, service), service, Budget()))
            start = time.perf_counter()
            first = ask(questions, service, Budget(tokens=1_000_000), cache)
            shown("First", first, time.perf_counter() - start)
            form = replace(service, answer_format="json_schema", attempts=1)
            start = time.perf_counter()
            shown("With a schema", ask(questions[:2], form, Budget(), cache), time.perf_counter() - start)
            try:
                ask(questions[:1], replace(service, model="another"), Budget(), cache)
            except UserError as error:
                print(f"\nAnother model: {error}")
        start = time.perf_counter()
        again = ask(questions, service, Budget(tokens=1_000_000), cache)
        shown("Replay with the server shut down", again, time.perf_counter() - start)
        if again != replace(first, requests=0, from_cache=len(questions)):
            raise SystemExit("the replay is not the same")
        try:
            ask(questions[:1], replace(service, max_output_tokens=49), Budget(), cache)
        except UserError as error:
            print(f"\nNo server: {error}")


if __name__ == "__main__":
    main()
