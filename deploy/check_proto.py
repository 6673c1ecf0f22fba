"""Check that the committed stubs are up to date and that the API has no breaking changes.

Stubs are generated into a temporary folder and compared. The API is compared with the `main`
branch, local or remote, if there is one.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent


def main() -> int:
    """Return the exit status."""
    return check_stubs() or check_breaking()


def check_stubs() -> int:
    """Compare committed stubs with freshly generated ones."""
    proto = ROOT / "proto"
    with tempfile.TemporaryDirectory() as fresh:
        flags = ("python_out=", "grpc_python_out=", "mypy_out=quiet:", "mypy_grpc_out=quiet:")
        subprocess.run(
            [
                sys.executable,
                "-m",
                "grpc_tools.protoc",
                f"-I{proto}",
                *(f"--{flag}{fresh}" for flag in flags),
                *map(str, proto.rglob("*.proto")),
            ],
            check=True,
        )
        stale = [
            file.relative_to(fresh)
            for file in sorted(Path(fresh).rglob("*"))
            if file.is_file()
            and file.read_bytes() != (proto / file.relative_to(fresh)).read_bytes()
        ]
    for stub in stale:
        print(f"proto/{stub} is stale: run `make proto`")
    return bool(stale)


def check_breaking() -> int:
    """Check with Buf that the API has no breaking changes from the main branch."""
    for branch in ("origin/main", "main"):
        known = subprocess.run(
            ["git", "rev-parse", "--verify", "--quiet", f"{branch}:proto"],
            cwd=ROOT,
            capture_output=True,
            check=False,
        )
        if known.returncode == 0:
            against = f".git#ref={branch}"
            buf = Path(sys.executable).parent / "buf"
            command = [str(buf), "breaking", "--against", against]
            return subprocess.run(command, cwd=ROOT, check=False).returncode
    print("no main branch found: breaking changes were not checked")
    return 0


if __name__ == "__main__":
    sys.exit(main())
