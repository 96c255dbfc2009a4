"""What a check of recordings found, for people and as JSON."""

from dataclasses import asdict

from unimoe_train.data.check import Check
from unimoe_train.data.layouts import shown

NAMED = 3  # files that a suspicion names; JSON has all


def lines(check: Check) -> list[str]:
    """A table of the collections, what is left out, what looks wrong, what was passed over."""
    wide = max([len(row.name) for row in check.rows], default=0) + 2
    out = [f"{'':{wide}}kind    files  out   hours  rate, Hz     level  noise  clipped  silence"]
    for row in check.rows:
        rates = "+".join(map(str, row.rates)) or "-"
        out.append(
            f"{row.name:{wide}}{row.kind:7}{row.files:6}{row.left_out:5}{row.hours:8.2f}  {rates:10}{row.level:6.0f} dB"
            f"{row.floor:4.0f} dB{row.clipping:8.0%}{row.silence:9.0%}"
        )
    out += [f"{found.path}: left out: {found.problem}" for found in check.left_out]
    for suspicion in check.suspicions():
        files = suspicion.files
        more = f" and {len(files) - NAMED} more" if len(files) > NAMED else ""
        named = f": {', '.join(files[:NAMED])}{more}" if files else ""
        count = f"{len(files)} files: " if files else ""
        out.append(f"{suspicion.harm}: {suspicion.collection}: {count}{suspicion.what}{named}")
    return [shown(line) for line in out + check.notes]


def as_json(check: Check) -> dict:
    return {
        "collections": [asdict(row) for row in check.rows],
        "left_out": [{"file": shown(found.path), "why": found.problem} for found in check.left_out],
        "suspicions": [asdict(suspicion) for suspicion in check.suspicions()],
        "passed_over": check.notes,
    }
