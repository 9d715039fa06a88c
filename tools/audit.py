"""Look for what is known to be wrong: bandit over the code, pip-audit over the locked packages.

The service that knows of vulnerabilities may be out of reach, and pip-audit then ends well having checked
nothing: a package that was not looked up counts as not audited, and that is said and is no success.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
CODE = ("src/huren", "auth", "graph", "mappings", "resolvers", "schema", "tools")
"""Folders that bandit reads; it does not follow the links of src/huren."""
LEAVE = "is not audited: the vulnerability service cannot be reached or does not know it"


@dataclass(frozen=True, slots=True)
class Audit:
    """What pip-audit told: ``known`` vulnerabilities, names ``unasked`` about, how many were asked."""

    known: tuple[str, ...]
    unasked: tuple[str, ...]
    asked: int

    @property
    def out_of_reach(self) -> bool:
        """Whether nothing at all was learnt."""
        return self.asked == 0


def bandit() -> tuple[bool, str]:
    """Whether bandit finds nothing, and what it says."""
    command = [str(BIN / "bandit"), "-q", "-c", "pyproject.toml", "-r", *CODE]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode == 0, done.stdout + ("" if done.returncode == 0 else done.stderr)


def pip_audit(requirements: Path) -> Audit:
    """Ask for every package of ``requirements``, which must have hashes. Needs the network."""
    command = [str(BIN / "pip-audit"), "-r", str(requirements), "--require-hashes", "--disable-pip"]
    command += ["--format", "json", "--progress-spinner", "off"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    # 1: something is known. Anything else than an answer: the service did not speak.
    return read(done.stdout) if done.stdout.strip() else Audit((), ("everything",), 0)


def read(answer: str) -> Audit:
    """What an answer of pip-audit in JSON tells."""
    rows = json.loads(answer)["dependencies"]
    asked = [row for row in rows if "skip_reason" not in row]
    known = tuple(
        f"{row['name']} {row['version']}: {found['id']} {' '.join(found.get('aliases', ()))}".strip()
        + f", mended in {', '.join(found['fix_versions']) or 'no version yet'}"
        for row in asked
        for found in row["vulns"]
    )
    return Audit(known, tuple(row["name"] for row in rows if "skip_reason" in row), len(asked))


def say(audit: Audit) -> None:
    """Print what was learnt."""
    for line in audit.known:
        print(f"KNOWN VULNERABILITY  {line}")
    if audit.out_of_reach:
        print("NOT AUDITED: the vulnerability service is out of reach, so nothing is known of any package.")
    for name in () if audit.out_of_reach else audit.unasked:
        print(f"NOT AUDITED: {name} {LEAVE}")
    print(f"pip-audit: {audit.asked} packages asked about, {len(audit.known)} known vulnerabilities")


def main() -> int:
    """0: all clean. 1: a finding. 3: no finding, but not all could be asked about."""
    clean, said = bandit()
    print(said.strip() or "bandit: nothing found")
    audit = pip_audit(ROOT / "requirements.lock")
    say(audit)
    if not clean or audit.known:
        return 1
    return 3 if audit.unasked else 0


if __name__ == "__main__":
    sys.exit(main())
