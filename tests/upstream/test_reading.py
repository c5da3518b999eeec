"""The calls of a test, found by following it without running it."""


def test_arguments_are_bound_by_position_and_by_name(passed):
    """What is passed is known by the parameter's name, and whether it is the default."""
    found = passed("""
        class DenseTest:
            def test_it(self):
                layers.Dense(3, activation="relu", rate=-0.5)
        """)
    assert found[("layers.Dense", "parameter", "units")] == [3]
    assert found[("layers.Dense", "parameter", "activation")] == ["relu"]
    assert found[("layers.Dense", "parameter", "rate")] == [-0.5]


def test_a_default_that_is_given_is_marked(followed):
    """The same call as leaving it out; 1 is not True."""
    facts = followed(
        "def test_it():\n    layers.Dense(1, use_bias=True)\n    layers.Dense(2, use_bias=1)\n"
    ).notes.facts
    assert [f.is_default for f in facts if f.name == "use_bias"] == [True, False]


def test_upstreams_helper_of_layer_tests_gives_parameters_inputs_and_arguments_of_the_call(passed):
    """A shape and a dtype stand for an array."""
    found = passed("""
        class DenseTest:
            def test_it(self):
                self.run_layer_test(
                    layers.Dense, init_kwargs={"units": 4}, input_shape=(2, 3), input_dtype="float16",
                    call_kwargs={"training": True},
                )
                self.run_layer_test(layers.Dense, init_kwargs={"units": 4}, input_shape=[(2, 3), (2, None)])
                kwargs = {"units": 4}
                self.run_layer_test(
                    layers.Dense, init_kwargs=kwargs, input_shape={"a": (1,)}, input_sparse=True
                )
                self.run_layer_test(layers.Dense, init_kwargs={}, input_data=np.ones((1, 2)))
                self.run_layer_test(unknown, init_kwargs={"units": 5})
        """)
    array = {"$array": True, "shape": [2, 3], "dtype": "float16", "form": "dense"}
    assert found[("layers.Dense", "parameter", "units")] == [4, 4, 4]
    assert found[("layers.Dense", "call", "training")] == [True]
    inputs = found[("layers.Dense", "input", "")]
    assert inputs[0] == array
    assert [one["shape"] for one in inputs[1]] == [[2, 3], [2, None]]
    assert inputs[2]["a"]["form"] == "sparse"
    assert inputs[3]["dtype"] == "float64"


def test_what_a_made_object_is_called_with_are_facts_of_its_class(passed):
    """Arrays by shape and dtype; a third array by position is the weight of a loss."""
    found = passed("""
        class LossTest:
            def setUp(self):
                self.loss = losses.Huber(delta=2)

            def test_it(self):
                y = np.array([[1, 2], [3, 4]])
                self.loss(y, y.astype("float32"), [1, 0])
                losses.Huber()(y, computed())
                losses.huber(y, y_pred=np.zeros((2, 2)), delta=0.5)
                layers.Dense(1).adapt(np.ones(3))
                layers.Dense(1).build(4)
        """)
    one, two = found[("losses.Huber", "input", "")][0]
    assert (one["dtype"], two["dtype"], one["shape"]) == ("int64", "float32", [2, 2])
    assert found[("losses.Huber", "call", "sample_weight")] == [[1, 0]]
    assert len(found[("losses.Huber", "input", "")]) == 1
    assert len(found[("losses.huber", "input", "")][0]) == 2
    assert found[("losses.huber", "parameter", "delta")] == [0.5]
    assert found[("layers.Dense", "adapt", "")][0]["shape"] == [3]


def test_rows_of_parameters_and_loops_are_followed_one_by_one(passed):
    """Named rows, rows, products, pytest's own, and loops over literal values."""
    found = passed("""
        RATES = [0.25]

        class DenseTest:
            @parameterized.named_parameters(
                ("one", 1, None), {"testcase_name": "two", "units": 2, "activation": "elu"}
            )
            def test_rows(self, units, activation):
                layers.Dense(units, activation=activation)

            @parameterized.product(units=[3, 4], use_bias=(False,))
            def test_product(self, units, use_bias):
                layers.Dense(units, use_bias=use_bias)

            @parameterized.parameters((5,), 6)
            def test_more(self, units):
                layers.Dense(units)

            @parameterized.parameters([(7,), (8,)])
            def test_list(self, units):
                layers.Dense(units)

            @pytest.mark.parametrize("units, rate", [(9, 0.1)])
            def test_pytest(self, units, rate):
                layers.Dense(units, rate=rate)

            @skip
            def test_loops(self):
                for units, rate in zip(range(10, 12), RATES * 2):
                    layers.Dense(units, rate=rate)
                for key, value in {"units": 12}.items():
                    layers.Dense(**{key: value})
                [layers.Dense(n) for n in (13, 14)]
                while True:
                    layers.Dense(15)
        """)
    assert sorted(found[("layers.Dense", "parameter", "units")]) == list(range(1, 16))
    assert found[("layers.Dense", "parameter", "rate")] == [0.1, 0.25, 0.25]
    assert "elu" in found[("layers.Dense", "parameter", "activation")]


def test_functions_of_the_test_are_followed_both_branches_of_conditions_too(passed):
    """A method that makes the layer from a dict, changed on the way; a function in the module."""
    found = passed("""
        def made(units=2, **more):
            return layers.Dense(units, **more)

        class DenseTest:
            def _run(self, kwargs, extra=None):
                kwargs["units"] = kwargs.get("units", 7)
                with context() as c:
                    if extra is None:
                        layers.Dense(**kwargs)
                    else:
                        layers.Dense(units=9, activation="tanh")
                try:
                    return made(activation=lambda x: x)
                except ValueError:
                    layers.Dense(0)

            def test_it(self):
                self._run({"rate": 1.0})
                a, b = (1, 2)
                a += 10
                layers.Dense(a)

                def inner(n):
                    layers.Dense(n)

                inner(b if b else a)
                lazily = lambda: layers.Dense(-(5 // 2))
                lazily()
        """)
    assert found[("layers.Dense", "parameter", "units")] == [7, 9, 2, 0, 11, 2, -2]
    assert found[("layers.Dense", "parameter", "activation")] == ["tanh", {"$function": "lambda"}]


def test_what_is_computed_is_said_to_be(passed):
    """Nothing is guessed: the value is opaque; classes and constants of the test have their own marks."""
    found = passed("""
        from keras.src.layers.core.wide import Modes

        class Own:
            pass

        class DenseTest:
            def test_it(self):
                layers.Dense(compute(), activation=Own, rate=[float("inf"), np.inf, Modes.SUM])
                layers.Dense(1 / 0, activation=layers.Wide, rate=not True)
                layers.Dense(f"{1}", activation=layers.Dense(1), rate={"a": np.float32})
        """)
    assert found[("layers.Dense", "parameter", "units")][0] == {"$opaque": "computed"}
    assert found[("layers.Dense", "parameter", "activation")][:2] == [
        {"$function": "class"},
        {"$attribute": "layers.Wide"},
    ]
    assert found[("layers.Dense", "parameter", "rate")][0] == [
        {"$float": "inf"},
        {"$attribute": "numpy.inf"},
        "sum",
    ]
    assert found[("layers.Dense", "parameter", "rate")][1] is False
    assert {"$object": "layers.Dense", "parameters": {"units": 1}} in found[
        ("layers.Dense", "parameter", "activation")
    ]


def test_a_test_without_a_class_is_followed_and_a_helper_is_not(passed):
    """Only what a test reaches counts."""
    found = passed("def test_it():\n    layers.Dense(1)\n\ndef helper():\n    layers.Dense(2)\n")
    assert found[("layers.Dense", "parameter", "units")] == [1]
