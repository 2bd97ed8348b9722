"""The desk as a page on this machine alone: 127.0.0.1, a random port, and a random word in every address; and in a
notebook.

Other pages of the browser know neither, and what names another host or comes from another page is refused. The page
asks nothing but this server, which a policy in it holds the browser to."""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from secrets import compare_digest, token_urlsafe
from threading import Thread
from typing import Any

from nfm_sim.desk.desk import Desk
from nfm_sim.extras import import_extra
from nfm_sim.problems import InputError

TEMPLATES = Path(__file__).parent / "templates"
FILES = {
    "": ("desk.html", "text/html"),
    "desk.js": ("desk.js", "text/javascript"),
    "page.js": ("page.js", "text/javascript"),
    "desk.css": ("desk.css", "text/css"),
}
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; "
POLICY += "form-action 'none'; frame-ancestors 'none'"
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
MOST_BYTES = 10_000
"""Of what the page says."""
LONGEST_S = 20.0
"""How long a question for a later answer waits for one."""


@dataclass(frozen=True)
class Served:
    """A desk that is served, and where; `server.serve_forever()` begins, `server.shutdown()` ends it."""

    server: ThreadingHTTPServer
    url: str


def serve(desk: Desk, folder: Path) -> Served:
    """Open a desk on a free port; what is saved at it goes into a folder."""
    token = token_urlsafe()
    handler = type("_OfDesk", (_Handler,), {"questions": questions(desk, folder), "word": token})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    return Served(server, f"http://127.0.0.1:{server.server_port}/{token}/")


Question = Callable[[Mapping[str, Any]], Any]


def questions(desk: Desk, folder: Path) -> dict[str, Question]:
    """What the page or the widget may ask and do, by name: a function of what it says to what it is told."""

    def save(_: Mapping[str, Any]) -> Any:
        file = desk.save(folder)
        return {"file": str(file.absolute()), "command": desk.command(file)}

    def about(_: Mapping[str, Any]) -> Any:
        scenario = desk.scenario
        words = ("name", "group", "title", "base", "unit", "step", "most", "place")
        levers = [{word: getattr(lever, word) for word in words} for lever in desk.levers.values()]
        return {"title": scenario.title, "notional": scenario.notional, "levers": levers, "map": desk.map()}

    return {
        "about": about,
        "answer": lambda said: asdict(desk.wait(int(said.get("after", -1)), LONGEST_S)),
        "move": lambda said: asdict(desk.move(str(said.get("lever")), said.get("value"))),
        "undo": lambda _: asdict(desk.undo()),
        "save": save,
        "page": lambda _: {"file": str(desk.page(folder).absolute())},
        "command": lambda _: {"command": desk.command(), "file": desk.as_file(folder)},
    }


def answered(question: Question, said: Mapping[str, Any]) -> Any:
    """The answer to a question; of what cannot be, its problems: no fault of the page, so no line in its console."""
    try:
        return question(said)
    except InputError as error:
        return {"problems": [str(problem) for problem in error.problems]}


class _Handler(BaseHTTPRequestHandler):
    """Files are got; questions are posted, as JSON."""

    questions: Mapping[str, Question]
    word: str
    server: ThreadingHTTPServer

    def do_GET(self) -> None:
        name = self._name()
        if name is None or name not in FILES:
            self._say(HTTPStatus.NOT_FOUND if name else HTTPStatus.FORBIDDEN, b"", "text/plain")
            return
        file, kind = FILES[name]
        self._say(HTTPStatus.OK, (TEMPLATES / file).read_bytes(), kind)

    def do_POST(self) -> None:
        name = self._name()
        length = self.headers.get("Content-Length", "")
        if name is None or self.headers.get("Origin", self._home) != self._home:
            self._say(HTTPStatus.FORBIDDEN, b"", "text/plain")
        elif name not in self.questions or not length.isdecimal() or int(length) > MOST_BYTES:
            self._say(HTTPStatus.BAD_REQUEST, b"", "text/plain")
        else:
            self._answer(self.questions[name], self.rfile.read(int(length)))

    def _answer(self, question: Question, text: bytes) -> None:
        status = HTTPStatus.OK
        try:
            said = json.loads(text or b"{}")
            answer = answered(question, said if isinstance(said, dict) else {})
        except (ValueError, TypeError, OverflowError, RecursionError):
            status, answer = HTTPStatus.BAD_REQUEST, {"problems": ["desk: what was sent cannot be read"]}
        self._say(status, json.dumps(answer).encode(), "application/json")

    @property
    def _home(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def _name(self) -> str | None:
        """What is asked for; None where the host or the word of the address is another."""
        _, token, *name = [*self.path.split("/", 2), ""][:3]
        right = compare_digest(token.encode(), self.word.encode())
        return name[0] if right and f"http://{self.headers.get('Host')}" == self._home else None

    def _say(self, status: HTTPStatus, content: bytes, kind: str) -> None:
        about = {"Content-Type": f"{kind}; charset=utf-8", "Content-Length": str(len(content))}
        with suppress(ConnectionError):  # the page may have been closed meanwhile
            self.send_response(status)
            for header, value in {**HEADERS, **about}.items():
                self.send_header(header, value)
            self.end_headers()
            self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: what is asked of the desk is nobody's."""


# The desk in a notebook: what is served as a widget, whose questions come as messages

MODULE = ("desk.html", "desk.css", "desk.js", "widget.js")


def widget(desk: Desk, folder: str | Path = ".") -> Any:
    """Return the desk as a widget, which a notebook shows as the last line of a cell; what is saved at it goes into
    `folder`. It comes with the extra `desk` (anywidget); raises `InputError` without that."""
    made = type("DeskWidget", (import_extra("anywidget", "desk").AnyWidget,), {"_esm": script()})()
    known = questions(desk, Path(folder))

    def answer(_: Any, said: Mapping[str, Any], __: Any) -> None:
        def work() -> None:  # a question for a later answer waits for one
            made.send({"number": said["number"], "answer": answered(known[said["what"]], said["said"])})

        Thread(target=work, daemon=True).start()

    made.on_msg(answer)
    return made


def script() -> str:
    """The module of the widget: the page of the desk, its style and its script, and what ties these to a notebook."""
    page, style, desk, tie = ((TEMPLATES / name).read_text("utf-8") for name in MODULE)
    body = page.partition("<body>")[2].partition("<script")[0]
    return f"const PAGE = {json.dumps(f'<style>{style}</style>{body}')};\n{desk}\n{tie}"
