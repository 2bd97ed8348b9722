"""The digest of a user's own code notices what its numbers depend on, wherever that stands."""

import importlib
import sys
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent, indent

import pytest

from nfm_sim.study.code import _parts, code_of

FAMILY = """
from nfm_sim.kinds import Family, Parameter
class {name}:
    name = "own"
    meaning = "Own."
    parameters = {{"scale": Parameter("Hours.")}}
{body}
own = F()
"""


def family(body: str, name: str = "F(Family)") -> str:
    return FAMILY.format(name=name, body=indent(dedent(body), "    "))


QUANTILE = "def quantile(self, u, scale):\n    return self.g(u) * scale\n"
OWN = {
    "a number of the file": "K = 2\ndef own(run):\n    return K\n",
    "a function that it calls": "def other():\n    return 2\ndef own(run):\n    return other()\n",
    "a function of another file": "import beside\ndef own(run):\n    return beside.two()\n",
    "what a function is given before": "from functools import partial\ndef f(k, run):\n    return k\n"
    "own = partial(f, 2)\n",
    "what calls it": (
        "from functools import wraps\ndef more(f):\n    @wraps(f)\n    def all(run):\n        return 2 * f(run)\n"
        "    return all\n@more\ndef own(run):\n    return 1\n"
    ),
    "a static method": "K = 2\n" + family(f"@staticmethod\ndef g(u):\n    return K * u\n{QUANTILE}"),
    "a property": "K = 2\n" + family(f"@property\ndef g(self):\n    return lambda u: K * u\n{QUANTILE}"),
    "an attribute of the class": "K = 2\n" + family(f"g = K\n{QUANTILE}"),
    "a class that it is over": (
        "from nfm_sim.kinds import Family\nclass B(Family):\n    def quantile(self, u, scale):\n"
        "        return 2 * scale\n" + family("", "F(B)")
    ),
    "a bound of a parameter": "K = 2\n" + family('parameters = {"scale": Parameter("Hours.", 0.1, K)}\n'),
    "a rule of a mode": (
        "K = 2\nfrom nfm_sim.kinds import ModeKind\nfrom nfm_sim.scenario import ModeRules\n"
        "class Rules(ModeRules):\n    pieces: int = K\n"
        'own = ModeKind(name="own", meaning="Own.", noun="own", colour="#000000", rules=Rules)\n'
    ),
    "an object that is called": (
        "class Own:\n    def __init__(self, k):\n        self.k = k\n    def __call__(self, run):\n"
        "        return self.k\nown = Own(2)\n"
    ),
}


@pytest.mark.parametrize("name", OWN)
def test_a_change_of_what_own_code_uses_is_noticed(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    digests = []
    for number in ("2", "2", "3"):
        (tmp_path / "beside.py").write_text(f"def two():\n    return {number}\n")
        (tmp_path / "own_code.py").write_text(OWN[name].replace("2", number))
        for module in ("beside", "own_code"):
            sys.modules.pop(module, None)
        importlib.invalidate_caches()
        digests.append(code_of({"own": importlib.import_module("own_code").own})["own"])
    assert None not in digests
    assert digests[0] == digests[1] != digests[2]


def test_what_python_makes_of_a_class_is_no_part_of_its_digest() -> None:
    """It differs from one Python to the next."""

    @dataclass
    class Own:
        k: int = 2

    assert Own.__init__.__code__.co_code.hex() not in _parts(Own, {})
