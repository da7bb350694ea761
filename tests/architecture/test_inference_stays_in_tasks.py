"""The web process never loads a network: who may import ``inference``, and where."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

WEBAPP = Path(__file__).resolve().parents[2] / "webapp"

# Files that may import from inference, inside functions only, and which parts of it.
MAY_IMPORT = {
    "estimators/gpu.py": ("inference",),
    "runs/gpu.py": ("inference",),
    "training/gpu.py": ("inference",),
    "videos/ingest.py": ("inference.video", "inference.errors", "inference.types"),
    "videos/thumbnails.py": ("inference.video",),
}
TORCH_FREE = ("inference.skeleton",)  # anyone may read the joint orders
NETWORK_LIBRARIES = ("torch", "torchvision", "thirdparty")


def imported_names(node: ast.AST) -> list[str]:
    match node:
        case ast.Import():
            return [name.name for name in node.names]
        case ast.ImportFrom(level=0, module=str(module)):
            return [f"{module}.{name.name}" for name in node.names]
        case ast.Call(func=ast.Attribute(attr="import_module") | ast.Name(id="__import__")):
            return [a.value for a in node.args[:1] if isinstance(a, ast.Constant)]
    return []


def is_late(node: ast.AST) -> bool:
    """Whether what stands inside does not run when the module is imported."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            return True
        case ast.If(test=ast.Name(id="TYPE_CHECKING"), orelse=[]):
            return True
    return False


def walk(node: ast.AST, in_function: bool = False) -> Iterator[tuple[str, bool, int]]:
    """Each imported name, whether that happens inside a function, and its line."""
    for child in ast.iter_child_nodes(node):
        inside = in_function or is_late(child)
        for name in imported_names(child):
            yield name, in_function, child.lineno
        yield from walk(child, inside)


def within(name: str, parts: tuple[str, ...]) -> bool:
    return any(name == part or name.startswith(part + ".") for part in parts)


def faults_of(path: str, source: str) -> list[str]:
    """What a file of webapp does against the rule, in words."""
    faults = []
    for name, in_function, line in walk(ast.parse(source)):
        if within(name, NETWORK_LIBRARIES):
            faults.append(f"{path}:{line} imports {name}")
        elif within(name, ("inference",)) and not within(name, TORCH_FREE):
            if not within(name, MAY_IMPORT.get(path, ())):
                faults.append(f"{path}:{line} imports {name}")
            elif not in_function:
                faults.append(f"{path}:{line} imports {name} outside a function")
    return faults


def test_only_task_bodies_import_inference():
    faults = []
    for file in sorted(WEBAPP.rglob("*.py")):
        faults += faults_of(file.relative_to(WEBAPP).as_posix(), file.read_text())
    assert faults == []


@pytest.mark.parametrize(
    ("path", "source", "count"),
    [
        ("runs/services.py", "def f():\n    from inference.pipeline import Pipeline", 1),
        ("runs/gpu.py", "from inference.pipeline import Pipeline", 1),
        ("estimators/gpu.py", "from inference.adaptation import adapt", 1),
        ("estimators/gpu.py", "def f():\n    from inference.adaptation import adapt", 0),
        ("estimators/services.py", "def f():\n    from inference.adaptation import adapt", 1),
        ("runs/gpu.py", "def f():\n    from inference.pipeline import Pipeline", 0),
        ("runs/gpu.py", "if TYPE_CHECKING:\n    from inference.pipeline import Pipeline", 0),
        ("runs/gpu.py", "def f():\n    import torch", 1),
        ("videos/ingest.py", "def f():\n    from inference.video import frames", 0),
        ("videos/ingest.py", "def f():\n    import inference.pipeline", 1),
        ("pages/views.py", "import importlib\nimportlib.import_module('inference')", 1),
        ("pages/boot.py", "from inference.skeleton import COCO17", 0),
    ],
)
def test_the_rule_sees_what_it_should(path, source, count):
    assert len(faults_of(path, source)) == count
