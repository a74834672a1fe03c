"""Our exchange with Label Studio against a real Label Studio server: see README.md.

    .venv/bin/python tests/external/label_studio.py --venv FOLDER

Nothing here is human annotation. Two stand-ins answer at random, with a seed, through the server's own interface, so
that what comes back can be compared with what was answered, annotation for annotation.
"""

import argparse
import csv
import http.cookiejar
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from pipeline.annotation.tree.taxonomy import Taxonomy, load_taxonomy  # noqa: E402
from pipeline.danmu.corpus.parsing import parse_corpus  # noqa: E402

Answer = tuple[tuple[str, ...], int | None]  # leaves, the primary first; confidence
Expected = dict[tuple[str, str], Answer]  # by comment and annotator

#: two people whose addresses begin alike; they must stay two
ADDRESSES = ("anna@one.example", "anna@two.example")
PASSWORD = "a-stand-in-only"
TOKEN = "0123456789abcdef0123456789abcdef01234567"
HOSTILE = (
    "<b>bold</b> <script>alert(1)</script> <img src=x onerror=alert(1)> &amp; &lt;",
    "$text ${text} $before {{text}} $undefined$",
    "第一行\n第二行   空  格\t末尾 ",
    "https://example.com/a.jpg",
    "s3://bucket/key",
    "/data/local-files/?d=x",
    '{"choices": ["joy"]}',
    "\u202e反向\u200b零宽\u0085😭",
)
OFF = {
    "LABEL_STUDIO_COLLECT_ANALYTICS": "false",
    "LABEL_STUDIO_LATEST_VERSION_CHECK": "false",
    "SENTRY_DSN": "",
    "FRONTEND_SENTRY_DSN": "",
    "http_proxy": "http://127.0.0.1:9",  # nobody is there: what would go out fails
    "https_proxy": "http://127.0.0.1:9",
}


class Project:
    """A project of its own in a folder: the sample with hostile texts among it, and our commands on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        data = folder / "data"
        shutil.copytree(ROOT / "data" / "raw", data / "raw")
        shutil.copy(ROOT / "data" / "taxonomy.yaml", data)
        shutil.copy(ROOT / "params.yaml", folder)
        hostile = [{"id": f"hostile-{index}", "text": text} for index, text in enumerate(HOSTILE)]
        (data / "raw" / "hostile.json").write_text(json.dumps(hostile), encoding="utf-8")
        (folder / "hostile.csv").write_text("\n".join(["comment_id", *(entry["id"] for entry in hostile)]), "utf-8")
        parse_corpus([data / "raw"], data / "derived")

    def danmu(self, *arguments: object) -> None:
        """One of our commands."""
        command = [sys.executable, "-c", "from pipeline.cli import main; main()", *map(str, arguments)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"danmu {' '.join(command[3:])}: {done.stdout}{done.stderr}")

    def batch(self, size: int, seed: int) -> tuple[list[dict[str, Any]], str]:
        """The tasks, hostile texts first, and the labelling page."""
        self.danmu("annotate", "export", "-o", "hostile", "--to", "label-studio", "--ids", "hostile.csv")
        self.danmu("annotate", "export", "-o", "drawn", "--to", "label-studio", "--size", size, "--seed", seed)
        tasks = [
            task
            for name in ("hostile", "drawn")
            for task in json.loads((self.folder / name / "tasks.json").read_text(encoding="utf-8"))
            if task["data"]["comment_id"].startswith("hostile") == (name == "hostile")  # drawn as well: once is enough
        ]
        return tasks, (self.folder / "drawn" / "configuration.xml").read_text(encoding="utf-8")

    def ratings(self, file: Path, number: int) -> Expected:
        """What an export becomes as round `number`."""
        self.danmu("annotate", "import", file, "--round", number)
        return {
            (row["comment_id"], filed.stem): (tuple(row["labels"].split(";")), int(row["confidence"] or 0) or None)
            for filed in (self.folder / "data" / "annotations" / f"round-{number}").iterdir()
            for row in csv.DictReader(filed.read_text(encoding="utf-8").splitlines())
        }


def taxonomy() -> Taxonomy:
    """The project's own."""
    return load_taxonomy(ROOT / "data" / "taxonomy.yaml")


class Person:
    """Somebody logged in: asks the server by a token."""

    def __init__(self, url: str, token: str) -> None:
        self.url, self.token = url, token
        self.number: int = self.ask("GET", "/api/current-user/whoami")["id"]

    def ask(self, method: str, path: str, content: Any = None) -> Any:
        """What the server answers; JSON where it is JSON, else bytes."""
        request = urllib.request.Request(
            self.url + path,
            None if content is None else json.dumps(content).encode(),
            {"Authorization": f"Token {self.token}", "Content-Type": "application/json"},
            method=method,
        )
        try:
            with DIRECT.open(request, timeout=120) as answer:
                body: bytes = answer.read()
        except urllib.error.HTTPError as error:
            raise SystemExit(f"{method} {path}: {error.code} {error.read().decode()[:600]}") from None
        return json.loads(body) if body[:1] in (b"{", b"[") else body


DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def signed_up(url: str, address: str) -> Person:
    """A second person, by the sign-up page that people use."""
    jar = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(jar))
    page = browser.open(f"{url}/user/signup/").read().decode()
    secret = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert secret
    form = {"csrfmiddlewaretoken": secret[1], "email": address, "password": PASSWORD}
    browser.open(f"{url}/user/signup/", urllib.parse.urlencode(form).encode()).read()
    token = json.loads(browser.open(f"{url}/api/current-user/token").read())["token"]
    return Person(url, token)


@contextmanager
def server(venv: Path, folder: Path) -> Iterator[str]:
    """Label Studio on this machine alone, with its data in `folder`; its address."""
    command = venv / "bin" / "label-studio"
    if not command.is_file():
        raise SystemExit(f"There is no {command}; make it: python -m venv {venv}; {venv}/bin/pip install label-studio")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    arguments = (
        f"start --no-browser --internal-host 127.0.0.1 --port {port} --data-dir {folder} --username {ADDRESSES[0]}"
    )
    arguments += f" --password {PASSWORD} --user-token {TOKEN} --enable-legacy-api-token"
    quiet = {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")}
    environment = {**quiet, **OFF, "HOME": str(folder), "LABEL_STUDIO_BASE_DATA_DIR": str(folder)}
    url = f"http://127.0.0.1:{port}"
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [command, *arguments.split()], env=environment, cwd=folder, stdout=log, stderr=log, start_new_session=True
        )
        try:
            wait(lambda: answers(url, process, folder), 300, "the server to start")
            yield url
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(30)


def answers(url: str, process: subprocess.Popen[bytes], folder: Path) -> bool:
    """Whether the server is up."""
    if process.poll() is not None:
        raise SystemExit(f"Label Studio stopped: {(folder / 'server.log').read_text()[-3000:]}")
    try:
        DIRECT.open(f"{url}/health", timeout=5).close()
    except OSError:
        return False
    return True


def wait(ready: Callable[[], bool], seconds: float, what: str) -> None:
    """Until it is ready."""
    end = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > end:
            raise SystemExit(f"Waited {seconds:.0f} s for {what}.")
        time.sleep(1)


def result(labels: tuple[str, ...], confidence: int | None) -> list[dict[str, Any]]:
    """An answer as the labelling page submits it."""
    given = {"primary": labels[:1], "further": labels[1:], "confidence": (str(confidence),) if confidence else ()}
    return [
        {"from_name": name, "to_name": "comment", "type": "choices", "value": {"choices": list(choices)}}
        for name, choices in given.items()
        if choices
    ]


def stand_in(person: Person, waiting: list[dict[str, Any]], seed: int) -> tuple[dict[str, Answer], dict[str, int]]:
    """Answers all tasks at random: leaves out, skips, changes, answers twice, and leaves drafts lying about.

    Returns:
        what should come back, by comment; and how often each of these happened.
    """
    leaves = taxonomy().leaves
    draw = np.random.default_rng([seed, person.number])
    expected: dict[str, Answer] = {}
    happened = dict.fromkeys(("submitted", "changed", "submitted twice", "skipped", "draft only", "left out"), 0)

    def answer() -> Answer:
        chosen = draw.choice(len(leaves), draw.choice([1, 2, 3], p=[0.7, 0.2, 0.1]), replace=False)
        primary, further = chosen[0], sorted(chosen[1:])  # the page gives further leaves in the tree's order
        return tuple(leaves[index] for index in (primary, *further)), draw.choice([None, 1, 2, 3])

    def submit(task: dict[str, Any], said: Answer, cancelled: bool = False) -> int:
        content = {"result": result(*said), "lead_time": 1.5, "was_cancelled": cancelled}
        number: int = person.ask("POST", f"/api/tasks/{task['id']}/annotations/", content)["id"]
        return number

    for task in waiting:
        comment_id = task["data"]["comment_id"]
        deed = draw.choice(list(happened), p=[0.6, 0.1, 0.1, 0.1, 0.05, 0.05])
        happened[deed] += 1
        if deed == "draft only":
            content = {"result": result(*answer()), "lead_time": 1.0}
            person.ask("POST", f"/api/tasks/{task['id']}/drafts", content)
        elif deed == "skipped":
            submit(task, answer(), cancelled=True)
        elif deed != "left out":
            expected[comment_id] = answer()
            number = submit(task, expected[comment_id])
            if deed == "changed":
                expected[comment_id] = answer()
                person.ask("PATCH", f"/api/annotations/{number}/", {"result": result(*expected[comment_id])})
            elif deed == "submitted twice":
                expected[comment_id] = answer()
                submit(task, expected[comment_id])
    return expected, happened


def exports(owner: Person, project: int, folder: Path) -> dict[str, Path]:
    """The project as Label Studio's usual exports, and as a snapshot in which annotators have addresses."""
    contents = {
        kind: owner.ask("GET", f"/api/projects/{project}/export?exportType={kind}&download_all_tasks=true")
        for kind in ("JSON", "JSON_MIN")
    }
    options = {"serialization_options": {"annotations__completed_by": {"only_id": False}}}
    number = owner.ask("POST", f"/api/projects/{project}/exports/", options)["id"]
    place = f"/api/projects/{project}/exports/{number}"
    wait(lambda: owner.ask("GET", place)["status"] == "completed", 60, "the snapshot")
    contents["snapshot"] = owner.ask("GET", f"{place}/download?exportType=JSON")
    files = {kind: folder / f"{kind}.json" for kind in contents}
    for kind, content in contents.items():
        files[kind].write_text(json.dumps(content), encoding="utf-8")
    return files


def main() -> None:
    """Start, import, answer, export, compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--venv", type=Path, required=True, help="a virtual environment with label-studio in it")
    parser.add_argument("--size", type=int, default=50, help="comments of the sample, beside the hostile ones")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="copy the exports to this folder")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="label-studio-") as name,
        server(options.venv.absolute(), Path(name)) as url,
    ):
        ours = Project(Path(name) / "ours")
        sent, page = ours.batch(options.size, options.seed)
        people = [Person(url, TOKEN), signed_up(url, ADDRESSES[1])]
        version = people[0].ask("GET", "/api/version")["release"]
        content = {"title": "danmu", "label_config": page, "maximum_annotations": len(people)}
        project = people[0].ask("POST", "/api/projects/", content)["id"]
        imported = people[0].ask("POST", f"/api/projects/{project}/import", sent)["task_count"]
        listed = people[0].ask("GET", f"/api/tasks?project={project}&page_size=10000&fields=all")["tasks"]
        waiting = sorted(listed, key=lambda task: task["id"])
        assert [task["data"] for task in waiting] == [task["data"] for task in sent], "a task's data was changed"
        print(f"Label Studio {version}: {imported} tasks imported, their data unchanged")

        expected: list[dict[str, Answer]] = []
        for address, person in zip(ADDRESSES, people, strict=True):
            said, happened = stand_in(person, waiting, options.seed)
            expected.append(said)
            print(f"{address} (a stand-in): " + ", ".join(f"{count} {deed}" for deed, count in happened.items()))
        by_number = {f"user-{person.number}": said for person, said in zip(people, expected, strict=True)}
        by_address = dict(zip(ADDRESSES, expected, strict=True))
        for number, (kind, file) in enumerate(exports(people[0], project, Path(name)).items(), start=2):
            names = by_address if kind == "snapshot" else by_number
            wanted = {(comment, who): answer for who, said in names.items() for comment, answer in said.items()}
            found = ours.ratings(file, number)
            wrong = sorted(key for key in wanted.keys() | found.keys() if wanted.get(key) != found.get(key))
            if wrong:
                raise SystemExit(
                    f"{kind}: {wrong[0]} is {found.get(wrong[0])}, and {wanted.get(wrong[0])} was answered"
                )
            print(f"{kind}: {len(found)} ratings by {', '.join(names)}, each as it was answered")
            if options.keep:
                options.keep.mkdir(parents=True, exist_ok=True)
                shutil.copy(file, options.keep)


if __name__ == "__main__":
    main()
