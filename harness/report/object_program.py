"""Bodies of programs for what is made or called without weights of its own: losses, metrics, functions and so
on.

Each function gives the lines that come before, and the expression whose value is what a step saw. The steps
are those of the case scripts of the same names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from harness.model import Case, Plain
from harness.report.literals import NotWritable, Writer, is_name

ATTRIBUTES: Mapping[str, tuple[str, ...]] = {
    "losses": ("name", "reduction", "dtype"),
    "metrics": ("name", "dtype", "stateful", "num_thresholds", "thresholds", "num_classes", "k", "axis"),
    "initializers": (
        "scale", "mode", "distribution", "mean", "stddev", "minval", "maxval", "gain", "value",
    ),
    "regularizers": ("mode",),
    "constraints": ("max_value", "min_value", "rate", "axis"),
}  # fmt: skip
"""Family → what its objects are asked in the step ``attributes``."""


MEMBERS = "members"
"""The step that lists what an object offers."""

ABBREVIATIONS = ("MSE", "MAE", "MAPE", "MSLE", "KLD")
"""Functions that are called like classes."""


@dataclass
class Body:
    """What a program does: lines, then something to print."""

    lines: list[str] = field(default_factory=list)
    shown: str = ""
    """An expression; empty where making something is all there is."""


def body_of(case: Case, writer: Writer, step: str) -> Body:
    """The body that shows a step of a case. Raises `NotWritable` for one that has no short form."""
    if step == "case":
        return Body([], writer.symbol(case.subject))
    if case.script not in BODIES:
        raise NotWritable(f"Cases of the script {case.script[:60]!a} have no short form as a program.")
    found = BODIES[case.script](case, writer, step)
    if found is None:
        raise NotWritable(f"The step {step[:60]!a} has no short form as a program.")
    return found


def family(case: Case) -> str:
    """The module a subject is in."""
    return case.subject.rsplit(".", 1)[0]


def made(case: Case, writer: Writer, name: str) -> str:
    """The line that makes the subject."""
    return f"{name} = {writer.symbol(case.subject)}({writer.keywords(case.parameters)})"


def call_of(case: Case) -> dict[str, Plain]:
    """The further arguments of the call, without what only the case script understands."""
    call = dict(case.feed.get("call") or {}) if isinstance(case.feed, Mapping) else {}
    call.pop("$as", None)
    unknown = [name for name in call if not is_name(name)]
    if unknown:
        raise NotWritable(f"What is fed under {unknown[0][:40]!a} is the case script's own.")
    return call


def ending(case: Case) -> str:
    """What turns an array into the form the case hands it over in."""
    call = case.feed.get("call") or {} if isinstance(case.feed, Mapping) else {}
    return ".tolist()" if call.get("$as") == "list" else ""


def is_class(case: Case) -> bool:
    """Whether a subject is a class, by the custom of its name; `losses.MSE` is the function by another."""
    last = case.subject.rsplit(".", 1)[-1]
    return last[:1].isupper() and last not in ABBREVIATIONS


def common(case: Case, writer: Writer, step: str, name: str) -> Body | None:
    """The steps that everything with a config has."""
    module = family(case)
    line = made(case, writer, name)
    short = case.subject.rsplit(".", 1)[-1]
    asked = ATTRIBUTES.get(module, ())
    by_step: dict[str, str] = {
        "parameters": "",
        "construct": "",
        "attributes": f"{{n: getattr({name}, n, 'absent') for n in {asked!a}}}",
        "config": f"{name}.get_config()",
        "round trip": "told(again) == told(config)",
        "serialize": f"keras.{module}.serialize({name})",
        "deserialize": f"keras.{module}.deserialize(keras.{module}.serialize({name})).get_config()",
        "get what is written": f"keras.{module}.get(keras.{module}.serialize({name})).get_config()",
        "get the object": f"keras.{module}.get({name}) is {name}",
    }
    if step == "round trip":
        # 1, 1.0 and True are equal, and are not the same in a config; what is read may change what it reads.
        told = "told = lambda config: sorted(map(repr, config.items()))"
        made_again = f"again = type({name}).from_config(config).get_config()"
        return Body([line, told, f"config = {name}.get_config()", made_again], by_step[step])
    if step in by_step:
        return Body([line], by_step[step])
    if step == "get by name":
        return Body([], f"keras.{module}.get({short!a})")
    if step == "get by symbol":
        line = f"found = keras.{module}.get({writer.symbol(case.subject)})"
        return Body([line], "'class' if isinstance(found, type) else 'object', found")
    return None


def members(case: Case, writer: Writer, step: str) -> Body | None:
    """What an object has under one public name; the step says which."""
    line = made(case, writer, "made")
    if step in ("parameters", "construct"):
        return Body([line], "")
    name = step.removeprefix(MEMBERS).strip()
    name = name.split(".")[0].split("[")[0]
    if not step.startswith(MEMBERS) or not is_name(name) or case.feed.get("inputs") is not None:
        return None
    lines = [
        line,
        f"held = getattr(made, {name!a}) if {name!a} in dir(made) else 'absent'",
    ]
    return Body(lines, "'method' if callable(held) else held")


def tape(lines: list[str], fed: Mapping[str, str], called: str) -> Body:
    """The gradient of the outputs, weighed as the case scripts weigh them, for what is fed."""
    watched = list(fed)
    return Body(
        [
            "import tensorflow as tf",
            "",
            *lines,
            f"{', '.join(watched)} = [tf.constant(a) for a in ({', '.join(watched)},)]"
            if len(watched) > 1
            else f"{watched[0]} = tf.constant({watched[0]})",
            f"fed = [a for a in ({', '.join(watched)},) if a.dtype.is_floating]",
            "with tf.GradientTape() as tape:",
            "    tape.watch(fed)",
            f"    out = tf.convert_to_tensor({called})",
            "weights = tf.constant(np.cos(1.0 + np.arange(np.size(out))).reshape(out.shape), out.dtype)",
        ],
        "tape.gradient(out, fed, output_gradients=weights)",
    )


def jitted(lines: list[str], called: str) -> Body:
    """The same through `tf.function`."""
    return Body(["import tensorflow as tf", "", *lines], f"tf.function(lambda: {called})()")


def loss(case: Case, writer: Writer, step: str) -> Body | None:
    """A loss: a class or a function of targets and predictions."""
    name = "loss" if is_class(case) else writer.symbol(case.subject)
    start = [made(case, writer, "loss")] if is_class(case) else []
    keywords = "" if is_class(case) else writer.keywords(case.parameters)
    steps = ("forward", "without reduction", "gradients", "jit")
    if step not in steps:
        return common(case, writer, step, "loss") if is_class(case) else named(case, writer, step)
    masked = dict(case.feed.get("call") or {})
    mask = masked.pop("$mask", None)
    call = call_of(replace(case, feed={**case.feed, "call": masked}))
    first, second = case.feed["inputs"]
    end = ending(case)
    lines = [*start, f"y_true = {writer.value(first)}{end}", f"y_pred = {writer.value(second)}{end}"]
    if mask is not None:
        if step != "forward":
            return None
        lines[-1] = f"y_pred = tf.constant({writer.value(second)})"
        lines = [
            "import tensorflow as tf",
            "",
            *lines,
            f"y_pred._keras_mask = tf.constant({writer.value(mask)})",
        ]
    lines += [f"{k} = {writer.value(v)}{end}" for k, v in call.items()]
    more = "".join(f", {k}={k}" for k in call)
    if step == "without reduction":
        return Body(lines, f"{name}.call(y_true, y_pred)")
    called = f"{name}(y_true, y_pred{more}{', ' + keywords if keywords else ''})"
    if step == "gradients":
        return tape(lines, dict.fromkeys(("y_true", "y_pred", *call), ""), called)
    return jitted(lines, called) if step == "jit" else Body(lines, called)


def named(case: Case, writer: Writer, step: str) -> Body | None:
    """What a module makes of the name of a function, and of the function."""
    module, symbol = family(case), writer.symbol(case.subject)
    short = case.subject.rsplit(".", 1)[-1]
    shown = {
        "parameters": "",
        "get by name": f"keras.{module}.get({short!a})",
        "get by symbol": f"keras.{module}.get({symbol})",
        "get by function": f"keras.{module}.get({symbol}) is {symbol}",
        "serialize": f"keras.{module}.serialize({symbol})",
        "deserialize": f"keras.{module}.deserialize(keras.{module}.serialize({symbol}))",
        "layer config": f"keras.layers.Activation({symbol}).get_config()['activation']",
    }
    return Body([], shown[step]) if step in shown else None


def metric(case: Case, writer: Writer, step: str) -> Body | None:
    """A metric: updates, results and state; or a function of targets and predictions."""
    calm = common(case, writer, step, "metric") if is_class(case) else named(case, writer, step)
    if calm is not None:
        return calm
    start = [made(case, writer, "metric")] if is_class(case) else []
    variables = "[(v.name, tuple(v.shape), str(v.dtype)) for v in metric.variables]"
    state = "[np.asarray(v) for v in metric.variables]"
    if step == "variables":
        return Body(start, variables)
    if step == "result before":
        return Body(start, "metric.result()")
    keywords = writer.keywords(case.parameters)
    updates, lines = [], []
    for place, arrays in enumerate(case.feed["inputs"]):
        names = [f"{n}{place}" for n in ("y_true", "y_pred")] if len(arrays) == 2 else ["values"]
        names = names[: len(arrays)]
        lines += [f"{n} = {writer.value(a)}{ending(case)}" for n, a in zip(names, arrays, strict=True)]
        updates.append(", ".join(names))
    call = call_of(case)
    lines += [f"{k} = {writer.value(v)}" for k, v in call.items()]
    more = "".join(f", {k}={k}" for k in call)
    given = [update + more for update in updates]
    if not is_class(case):
        called = f"{writer.symbol(case.subject)}({given[0]}{', ' + keywords if keywords else ''})"
        if step == "gradients":
            return tape(lines, dict.fromkeys(updates[0].split(", "), ""), called)
        return Body(lines, called) if step == "forward" else None
    fed = [*start, *lines, *(f"metric.update_state({one})" for one in given)]
    again = "type(metric).from_config(metric.get_config())"
    merge = [
        *(start + lines),
        f"other = {again}",
        f"metric.update_state({given[0]})",
        *(f"other.update_state({one})" for one in given[1:] or given),
        "metric.merge_state([other])",
    ]
    by_step = {
        "forward": Body(fed, "metric.result()"),
        "state": Body(fed, state),
        "variables after": Body(fed, variables),
        "call": Body([*start, *lines], f"metric({given[0]})"),
        "reset": Body([*fed, "metric.reset_state()"], f"metric.result(), {state}"),
        "reset_states": Body([*fed, "metric.reset_states()"], f"metric.result(), {state}"),
        "merge": Body(merge, f"metric.result(), {state}"),
    }
    return by_step.get(step)


def activation(case: Case, writer: Writer, step: str) -> Body | None:
    """An activation: a function of one array."""
    if step in ("forward", "gradients", "jit", "layer by name", "layer by function"):
        keywords = writer.keywords(case.parameters)
        lines = [f"x = {writer.value(case.feed['inputs'])}"]
        symbol = writer.symbol(case.subject)
        called = f"{symbol}(x{', ' + keywords if keywords else ''})"
        if step.startswith("layer"):
            short = case.subject.rsplit(".", 1)[-1]
            given = f"{short!a}" if step == "layer by name" else symbol
            return Body(lines, f"keras.layers.Activation({given})(x)")
        if step == "gradients":
            return tape(lines, {"x": ""}, called)
        return jitted(lines, called) if step == "jit" else Body(lines, called)
    return named(case, writer, step)


def initializer(case: Case, writer: Writer, step: str) -> Body | None:
    """An initializer called on a shape."""
    if step == "forward":
        start = made(case, writer, "initializer")
        shape = writer.value({"$tuple": list(case.feed["inputs"]["shape"])}
                             if isinstance(case.feed["inputs"]["shape"], list)
                             else case.feed["inputs"]["shape"])  # fmt: skip
        more = writer.keywords(call_of(case))
        return Body([start], f"np.asarray(initializer({shape}{', ' + more if more else ''}))")
    return common(case, writer, step, "initializer")


def penalty(case: Case, writer: Writer, step: str) -> Body | None:
    """A regularizer or a constraint called on a weight."""
    if step in ("forward", "gradients", "jit"):
        lines = [made(case, writer, "made"), f"x = {writer.value(case.feed['inputs'])}"]
        if step == "gradients":
            return tape(lines, {"x": ""}, "made(x)")
        return jitted(lines, "made(x)") if step == "jit" else Body(lines, "made(x)")
    return common(case, writer, step, "made")


def schedule(case: Case, writer: Writer, step: str) -> Body | None:
    """A learning-rate schedule at its steps."""
    if step == "in an optimizer":
        line = made(case, writer, "schedule")
        return Body([line], "keras.optimizers.SGD(learning_rate=schedule).get_config()['learning_rate']")
    if step in ("forward", "python steps", "float steps"):
        line = made(case, writer, "schedule")
        steps = writer.value(case.feed["inputs"]["steps"])
        each = {"forward": "step", "python steps": "step.item()", "float steps": "float(step)"}[step]
        listed = f"np.asarray({steps})" if not steps.startswith("[") else steps
        return Body([line, f"steps = {listed}"], f"[np.asarray(schedule({each})) for step in steps]")
    if step == "serialize":
        return Body([made(case, writer, "schedule")], "keras.optimizers.schedules.serialize(schedule)")
    return common(case, writer, step, "schedule")


def optimizer(case: Case, writer: Writer, step: str) -> Body | None:
    """An optimizer stepped with given gradients."""
    start = made(case, writer, "optimizer")
    short = case.subject.rsplit(".", 1)[-1]
    kept = "[(getattr(v, 'path', v.name), tuple(v.shape), str(v.dtype)) for v in kept]"
    asked = {
        "parameters": "",
        "construct": "",
        "config": "optimizer.get_config()",
        "learning rate": "np.asarray(optimizer.learning_rate)",
        "name": "getattr(optimizer, 'name', None)",
        "variables called": "len(optimizer.variables())",
        "weights": "len(optimizer.weights)",
        "get_weights": "[np.shape(w) for w in optimizer.get_weights()]",
        "set_weights": "optimizer.set_weights(optimizer.get_weights())",
        "lr read": "np.asarray(optimizer.lr)",
        "dynamic": "optimizer.dynamic",
        "initial scale": "np.asarray(optimizer.loss_scale)",
        "initial scale attribute": "optimizer.initial_scale",
        "serialize": "keras.optimizers.serialize(optimizer)",
        "scaled loss": "np.asarray(optimizer.scale_loss(np.float32(3.0)))",
        "get_scaled_loss": "np.asarray(optimizer.get_scaled_loss(np.float32(3.0)))",
        "get_unscaled_gradients": "optimizer.get_unscaled_gradients([np.float32(3.0)])",
    }
    gets = {
        "get by name": f"{short!a}",
        "get by lower case": f"{short.lower()!a}",
        "get by config": f"{{'class_name': {short!a}, 'config': {{'learning_rate': 0.5}}}}",
    }
    if step in asked:
        return Body([start], asked[step])
    if step in gets:
        return Body(
            [f"optimizer = keras.optimizers.get({gets[step]})"], "type(optimizer), optimizer.get_config()"
        )
    if step == "variables":
        return Body([start, listing(), "kept = kept_by(optimizer)"], kept)
    if step in ("lr set", "learning rate set"):
        name = "lr" if step == "lr set" else "learning_rate"
        return Body([start, f"optimizer.{name} = 0.25"], f"np.asarray(optimizer.{name})")
    if step == "minimize":
        lines = ["import tensorflow as tf", "", start, "v = tf.Variable([1.0, -2.0])"]
        return Body([*lines, "optimizer.minimize(lambda: tf.reduce_sum(v * v), [v])"], "v.numpy()")
    return stepped(case, writer, step, start, kept)


def listing() -> str:
    """A function that lists what an optimizer keeps, whatever that is called."""
    return (
        "kept_by = lambda o: list(o.variables() if callable(getattr(o, 'variables', 0)) "
        "and not isinstance(o.variables, list) else o.variables)"
    )


def stepped(case: Case, writer: Writer, step: str, start: str, kept: str) -> Body | None:
    """The steps that come after stepping."""
    shown = {
        "forward": "[v.numpy() for v in variables]",
        "slots": kept,
        "slot names": kept,
        "slot values": "[np.asarray(v) for v in kept]",
        "iterations": "np.asarray(optimizer.iterations)",
        "learning rate after": "np.asarray(optimizer.learning_rate)",
        "scale after": "np.asarray(optimizer.loss_scale)",
    }
    if step == "forward" and case.script == "optimizer:scaling":
        shown["forward"] = "seen"
    inputs = case.feed.get("inputs") if isinstance(case.feed, Mapping) else None
    if step not in shown or not isinstance(inputs, Mapping) or "gradients" not in inputs:
        return None
    call = dict(case.feed.get("call") or {})
    absent, rows = call.pop("$none", ()), call.pop("$sparse", None)
    if call:
        raise NotWritable(f"What is fed under {next(iter(call))[:40]!a} is the case script's own.")
    gradient = "tf.constant(g[step])"
    if rows is not None:
        gradient = f"(tf.constant(g[step]) if place else tf.IndexedSlices(g[step], {list(rows)!a}, v.shape))"
    if absent:
        gradient = f"None if place in {tuple(absent)!a} else {gradient}"
    numbered = rows is not None or bool(absent)
    pairs = f"({gradient}, v) for g, v in zip(gradients, variables)"
    if numbered:
        pairs = f"({gradient}, v) for place, (g, v) in enumerate(zip(gradients, variables))"
    lines = [
        "import tensorflow as tf",
        "",
        start,
        f"arrays = {writer.value(inputs['variables'])}",
        f"gradients = {writer.value(inputs['gradients'])}",
        'names = ("kernel", "bias", "embeddings", "scale")',
        'make = getattr(keras, "Variable", tf.Variable)',
        "variables = [make(a, dtype=a.dtype.name, name=n) for a, n in zip(arrays, names)]",
        *(["seen = []"] if shown[step] == "seen" else []),
        "for step in range(len(gradients[0])):",
        f"    optimizer.apply_gradients([{pairs}])",
        *(["    seen.append([v.numpy() for v in variables])"] if shown[step] == "seen" else []),
    ]
    if "kept" in shown[step]:
        lines += [listing(), "kept = kept_by(optimizer)"]
    return Body(lines, shown[step])


def function(case: Case, writer: Writer, step: str) -> Body | None:
    """A function called with arguments and keywords; by its other name where the first is missing."""
    call = dict(case.feed.get("call") or {}) if isinstance(case.feed, Mapping) else {}
    if step == "symbol":
        return Body([], writer.symbol(case.subject))
    if step == "parameters":
        return Body([f"parameters = dict({writer.keywords(case.parameters)})"], "")
    parameters = writer.keywords(case.parameters)
    inputs = case.feed.get("inputs")
    given = inputs["$arguments"] if isinstance(inputs, Mapping) and "$arguments" in inputs else [inputs]
    lines, names = [], []
    for place, value in enumerate(given if inputs is not None else []):
        text = writer.value(value)
        if isinstance(value, Mapping | list) and len(text) > 20:
            names.append(f"x{place or ''}")
            lines.append(f"{names[-1]} = {text}")
        else:
            names.append(text)
    inside = ", ".join([*names, parameters] if parameters else names)
    called = f"{writer.symbol(case.subject)}({inside})"
    if call.get("$also"):
        other, renames = next(iter(call["$also"].items()))
        keys = {renames.get(k, k): v for k, v in case.parameters.items() if renames.get(k, k) != "$drop"}
        more = writer.keywords(keys)
        head, _, last = case.subject.rpartition(".")
        called += f" if hasattr({writer.symbol(head)}, {last!a}) else "
        called += f"{writer.symbol(other)}({', '.join([*names, more] if more else names)})"
    if step == "gradients":
        fed = [n for n in names if n.startswith("x")]
        return tape(lines, dict.fromkeys(fed, ""), called) if fed else None
    return Body(lines, called) if step == "forward" else None


def signature(case: Case, writer: Writer, step: str) -> Body | None:
    """What a callable takes, and the config of an instance that is told nothing."""
    symbol = writer.symbol(case.subject)
    if step == "nature":
        return Body([], f"type({symbol})")
    if step == "parameters":
        line = f"for place, parameter in enumerate(inspect.signature({symbol}).parameters.values()):"
        return Body(["import inspect", "", line, "    print(place, parameter)"], "'-'")
    if step in ("defaults", "default instance"):
        line = made(case, writer, "made")
        return Body([line], "made.get_config()" if step == "defaults" else "")
    return None


def lookup(case: Case, writer: Writer, step: str) -> Body | None:
    """What `get`, `serialize` and `deserialize` return."""
    given = dict(case.parameters)
    first = [writer.value(given.pop("$first"))] if "$first" in given else []
    more = writer.keywords(given)
    called = f"{writer.symbol(case.subject)}({', '.join([*first, more] if more else first)})"
    if step == "parameters":
        return Body([], first[0] if first else more)
    if step == "returned":
        lines = [
            f"found = {called}",
            "is_object = hasattr(found, 'get_config') and not isinstance(found, type)",
        ]
        return Body(lines, "found, getattr(found, '__name__', ''), found.get_config() if is_object else ''")
    if step == "forward":
        inputs = case.feed["inputs"]
        listed = inputs if isinstance(inputs, list) else [inputs]
        return Body([f"found = {called}"], f"found({', '.join(writer.value(v) for v in listed)})")
    return None


BODIES: Mapping[str, Callable[[Case, Writer, str], Body | None]] = {
    "loss": loss,
    "metric": metric,
    "activation": activation,
    "initializer": initializer,
    "penalty": penalty,
    "schedule": schedule,
    "optimizer": optimizer,
    "optimizer:perform_modern": optimizer,
    "optimizer:interface": optimizer,
    "optimizer:scaling": optimizer,
    "function": function,
    "signature": signature,
    "lookup": lookup,
    "members": members,
}
"""Case script → what writes its bodies."""
