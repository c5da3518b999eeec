"""A program per cause, run on both targets, and held against what the report says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.classify.divergences import telling
from harness.compare.observations import LATER
from harness.minimise.asking import Patience
from harness.minimise.checking import trouble
from harness.minimise.executing import execute
from harness.minimise.records import Environments, Execution, Minimal, Repro
from harness.model import Case, Difference, Divergence, TargetInfo
from harness.report.literals import NotWritable
from harness.report.repro import FORMS, issue, repro, with_outputs
from harness.run.launch import Launch
from harness.store import Store

Sides = tuple[TargetInfo, TargetInfo]


@dataclass(frozen=True)
class Wish:
    """A divergence that a program is to show."""

    case: Case
    divergence: Divergence
    weights: bool = True
    """Whether the subject has weights."""

    @property
    def difference(self) -> Difference:
        """The difference the program is about."""
        return telling(self.divergence.differences)

    @property
    def step(self) -> str:
        """The step the program has to come to: where sides raise at different steps, the other one's."""
        first = self.difference
        sides = [side for side in (first.reference, first.candidate) if isinstance(side, Mapping)]
        steps = [str(side["step"]) for side in sides if "step" in side]
        return next((s for s in steps if s != first.step and first.note == LATER), first.step)


def reproduce(
    wishes: Sequence[Wish],
    sides: Sides,
    launches: tuple[Launch, Launch],
    store: Store,
    *,
    patience: Patience,
) -> list[Repro]:
    """A program for each wish: of the forms there are the first that shows it, else the first with what is
    wrong."""
    out: list[Repro] = [Repro("")] * len(wishes)
    ahead = list(range(len(wishes)))
    for form in FORMS:
        texts: dict[int, str] = {}
        for place in ahead:
            text = written(wishes[place], sides, form)
            if isinstance(text, Repro):
                out[place] = better(out[place], text)
            else:
                texts[place] = text
        programs = {launch: list(texts.values()) for launch in launches}
        done = execute(programs, store, patience=patience)
        for place, text in texts.items():
            ran = [done.get((launch.target, text)) for launch in launches]
            out[place] = better(out[place], checked(wishes[place], text, form, ran))
        ahead = [place for place in ahead if not out[place].reproduces]
    return out


def written(wish: Wish, sides: Sides, form: str) -> str | Repro:
    """The program of one form, or why there is none."""
    difference = wish.difference
    try:
        text = repro(
            wish.case,
            *sides,
            step=wish.step,
            kind=difference.kind,
            path=difference.path,
            exact=is_double(difference),
            title=wish.divergence.summary,
            form=form,
            weights=wish.weights,
        )
        compile(text, "repro.py", "exec", dont_inherit=True)
    except (NotWritable, SyntaxError, ValueError) as reason:
        return Repro("", why=str(reason))
    except Exception as error:  # one program that we fail to write costs no report
        return Repro("", why=f"the harness failed to write it: {type(error).__name__}: {error}")
    return text


def is_double(difference: Difference) -> bool:
    """Whether a difference is of values in double precision, of which numpy prints eight digits."""
    sides = (difference.reference, difference.candidate)
    return any(getattr(side, "dtype", None) == "float64" for side in sides)


def checked(wish: Wish, text: str, form: str, ran: Sequence[Execution | None]) -> Repro:
    """What came of a program."""
    one, two = ran
    if one is None or two is None:
        return Repro(text, why="there was no time to run it", form=form)
    why = trouble(wish.difference, one, two)
    outputs = (one.output, two.output)
    shown = with_outputs(text, {one.target: one.output, two.target: two.output})
    executed = "not started" not in (one.status, two.status)
    return Repro(shown, outputs, executed=executed, reproduces=executed and not why, why=why, form=form)


def better(one: Repro, two: Repro) -> Repro:
    """The one that shows more: reproducing, executed, written; of equals the first.

    Of two that could not be written the last one's reason counts: the longer forms can tell more.
    """
    if not one.text and not two.text:
        return two
    return max((one, two), key=lambda r: (r.reproduces, r.executed, bool(r.text)))


def issue_text(minimal: Minimal, sides: Environments) -> str:
    """A text for the issue tracker; empty without a program."""
    ran = minimal.repro
    if ran is None or not ran.text:
        return ""
    remarks = [a.statement for a in minimal.attributions]
    if minimal.trigger:
        remarks.insert(0, "needs " + ", ".join(f"`{name}`" for name in minimal.trigger))
    if not ran.reproduces:
        remarks.append(f"the program was not seen to show it: {ran.why}")
    outputs = {side.id: output for side, output in zip(sides, ran.outputs, strict=True)}
    return issue(minimal.summary, ran.text, outputs, sides, remarks)
