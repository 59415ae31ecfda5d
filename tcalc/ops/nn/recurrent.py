"""Recurrent layers as functions: one step of a cell, and whole sequences through stacked layers.

The gates of a cell lie one after the other in its weights, in PyTorch's order: input, forget, cell, output for an LSTM;
reset, update, new for a GRU.
"""

from __future__ import annotations

from tcalc.engine.dtypes import FLOAT
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError, type_error, value_error
from tcalc.ops.nn.dropout import dropout
from tcalc.ops.nn.layers import linear
from tcalc.ops.registry import op
from tcalc.ops.shape.joining import cat, stack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    Tensors = Sequence[Tensor]
    # The weights of one layer in one direction: of the input, of the state, and their biases where there are any.
    Weights = Sequence[Tensor]
    State = tuple[Tensor, ...]
    Step = Callable[[Tensor, State, Weights], State]


# ---------------------------------------------------------------- one step


def _sums(x: Tensor, hidden: Tensor, weights: Weights) -> tuple[Tensor, Tensor]:
    """What the input and the state each give to the gates."""
    input_bias, state_bias = weights[2:4] if len(weights) > 2 else (None, None)
    return linear(x, weights[0], input_bias), linear(hidden, weights[1], state_bias)


def _lstm_step(x: Tensor, state: State, weights: Weights) -> State:
    hidden, cell = state
    from_input, from_state = _sums(x, hidden, weights)
    enter, forget, new, leave = (from_input + from_state).chunk(4, -1)  # type: ignore[operator]
    cell = forget.sigmoid() * cell + enter.sigmoid() * new.tanh()
    return leave.sigmoid() * cell.tanh(), cell


def _gru_step(x: Tensor, state: State, weights: Weights) -> State:
    (hidden,) = state
    from_input, from_state = _sums(x, hidden, weights)
    reset_in, update_in, new_in = from_input.chunk(3, -1)
    reset_state, update_state, new_state = from_state.chunk(3, -1)
    new = (new_in + (reset_in + reset_state).sigmoid() * new_state).tanh()
    return ((hidden - new) * (update_in + update_state).sigmoid() + new,)


def _tanh_step(x: Tensor, state: State, weights: Weights) -> State:
    from_input, from_state = _sums(x, state[0], weights)
    return ((from_input + from_state).tanh(),)  # type: ignore[operator]


def _relu_step(x: Tensor, state: State, weights: Weights) -> State:
    from_input, from_state = _sums(x, state[0], weights)
    return ((from_input + from_state).relu(),)  # type: ignore[operator]


def _cell(step: Step, gates: int, x: Tensor, state: State, weights: Sequence[Tensor | None]) -> State:
    w_ih, w_hh, b_ih, b_hh = weights
    assert w_ih is not None
    assert w_hh is not None
    hidden = state[0]
    if x.ndim != 2 or any(part.ndim != 2 for part in (*state, w_ih, w_hh)):
        raise TcalcError("a cell takes an input, states and weights of two dimensions")
    if x.shape[-1] != w_ih.shape[1]:
        raise TcalcError(f"input has inconsistent input_size: got {x.shape[-1]} expected {w_ih.shape[1]}")
    if x.shape[0] != hidden.shape[0]:
        raise TcalcError(f"Input batch size {x.shape[0]} doesn't match hidden0 batch size {hidden.shape[0]}")
    if hidden.shape[-1] != w_hh.shape[1]:
        raise TcalcError(f"hidden0 has inconsistent hidden_size: got {hidden.shape[-1]}, expected {w_hh.shape[1]}")
    if w_ih.shape[0] != gates * w_hh.shape[1]:
        raise TcalcError(
            f"weight_ih first dim must be {gates} * hidden_size = {gates * w_hh.shape[1]}, but got {w_ih.shape[0]}"
        )
    if gates > 1 and x.dtype.category < FLOAT:
        raise TcalcError(f"result type Float can't be cast to the desired output type {x.dtype.scalar_name}")
    biases = [] if b_ih is None or b_hh is None else [b_ih, b_hh]
    return step(x, state, [w_ih, w_hh, *biases])


@op(method=False)
def lstm_cell(
    input: Tensor, hx: Tensors, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor | None = None, b_hh: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """One step of an LSTM.

    The next hidden state (batch, hidden) and the next cell state.

    ``hx`` is both states before; ``w_ih`` (4 * hidden, features) and ``w_hh`` (4 * hidden, hidden) hold all gates.

    >>> lstm_cell(ones(1, 1), (zeros(1, 1), zeros(1, 1)), ones(4, 1), ones(4, 1))
    (tensor([[0.3696]]), tensor([[0.5568]]))
    """
    if len(hx) != 2:
        raise TcalcError("lstm_cell expects two hidden states")
    hidden, cell = _cell(_lstm_step, 4, input, tuple(hx), (w_ih, w_hh, b_ih, b_hh))
    return hidden, cell


@op(method=False)
def gru_cell(
    input: Tensor, hx: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor | None = None, b_hh: Tensor | None = None
) -> Tensor:
    """One step of a GRU: the next hidden state (batch, hidden).

    >>> gru_cell(ones(1, 1), zeros(1, 1), ones(3, 1), ones(3, 1))
    tensor([[0.2048]])
    """
    return _cell(_gru_step, 3, input, (hx,), (w_ih, w_hh, b_ih, b_hh))[0]


@op(method=False)
def rnn_tanh_cell(
    input: Tensor, hx: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor | None = None, b_hh: Tensor | None = None
) -> Tensor:
    """One step of a plain recurrent layer with tanh.

    ``tanh(input @ w_ih.T + hx @ w_hh.T)``, with biases.

    >>> rnn_tanh_cell(ones(1, 1), zeros(1, 1), ones(1, 1), ones(1, 1))
    tensor([[0.7616]])
    """
    return _cell(_tanh_step, 1, input, (hx,), (w_ih, w_hh, b_ih, b_hh))[0]


@op(method=False)
def rnn_relu_cell(
    input: Tensor, hx: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor | None = None, b_hh: Tensor | None = None
) -> Tensor:
    """One step of a plain recurrent layer with relu.

    ``relu(input @ w_ih.T + hx @ w_hh.T)``, with biases.

    >>> rnn_relu_cell(ones(1, 1), ones(1, 1), ones(1, 1), ones(1, 1))
    tensor([[2.]])
    """
    return _cell(_relu_step, 1, input, (hx,), (w_ih, w_hh, b_ih, b_hh))[0]


# ---------------------------------------------------------------- whole sequences


class _Network:
    """What all sequences share: the layers' weights, layer by layer, each direction after the other."""

    __slots__ = ("directions", "dropout", "layers", "step", "weights")

    def __init__(
        self, step: Step, params: Tensors, has_biases: bool, num_layers: int, dropout: float, bidirectional: bool
    ) -> None:
        each = 4 if has_biases else 2
        if len(params) % each:
            raise TcalcError(f"MatrixRef: ArrayRef size {len(params)} not divisible by stride {each}")
        self.step = step
        self.layers = num_layers
        self.directions = 2 if bidirectional else 1
        self.dropout = dropout
        self.weights = [params[at : at + each] for at in range(0, len(params), each)]
        wanted = self.layers * self.directions
        if len(self.weights) != wanted:
            raise TcalcError(f"the layers need {wanted * each} parameters, but got {len(params)}")

    def run(self, steps: list[Tensor], states: State) -> tuple[list[Tensor], State]:
        """Each step's output, and the states (layers * directions, batch, hidden) after the last one.

        A step has as many rows as there are sequences that long, the longest first.
        """
        last: list[State] = []
        for layer in range(self.layers):
            outputs = []
            for direction in range(self.directions):
                at = layer * self.directions + direction
                outs, state = self._one_way(
                    steps, tuple(part.select(0, at) for part in states), self.weights[at], direction == 1
                )
                outputs.append(outs)
                last.append(state)
            steps = outputs[0] if self.directions == 1 else [cat(pair, -1) for pair in zip(*outputs, strict=True)]
            if self.dropout and layer + 1 < self.layers:
                steps = [dropout(step, self.dropout) for step in steps]
        return steps, tuple(stack(list(parts)) for parts in zip(*last, strict=True))

    def _one_way(self, steps: list[Tensor], state: State, weights: Weights, backward: bool) -> Any:
        outputs = []
        for x in reversed(steps) if backward else steps:
            rows = x.shape[0]
            moved = self.step(x, tuple(part.narrow(0, 0, rows) for part in state), weights)
            state = tuple(
                new if rows == old.shape[0] else cat([new, old.narrow(0, rows, old.shape[0] - rows)])
                for new, old in zip(moved, state, strict=True)
            )
            outputs.append(moved[0])
        return outputs[::-1] if backward else outputs, state


def _sequence(network: _Network, x: Tensor, states: State, batch_first: bool) -> tuple[Tensor, ...]:
    if x.ndim != 3:
        raise TcalcError(f"input must have 3 dimensions, got {x.ndim}")
    if batch_first:
        x = x.transpose(0, 1)
    for state in states:
        if state.ndim != 3 or state.shape[:2] != (len(network.weights), x.shape[1]):
            wanted = (len(network.weights), x.shape[1], state.shape[-1] if state.ndim else 1)
            raise TcalcError(f"Expected hidden size {wanted}, got {list(state.shape)}")
    outputs, last = network.run(list(x.unbind(0)), states)
    if not outputs:
        raise TcalcError("Expected sequence length to be larger than 0 in RNN")
    answer = stack(outputs)
    return answer.transpose(0, 1) if batch_first else answer, *last


def _packed(network: _Network, data: Tensor, batch_sizes: Tensor, states: State) -> tuple[Tensor, ...]:
    """The same for sequences of several lengths, packed: ``batch_sizes`` says how many rows each step has."""
    if batch_sizes.device.type == "cuda":  # they say which shapes there are, and PyTorch keeps them on the host
        raise value_error(f"batch_sizes should always be on CPU, but they are on {batch_sizes.device}")
    outputs, last = network.run(list(data.split(batch_sizes.tolist())), states)
    return cat(outputs), *last


def _any_sequence(step: Step, states: Callable[[Any], State], arguments: tuple) -> tuple[Tensor, ...]:
    """Either signature: the packed one has the sizes of its batches in the second place, and so the states third."""
    packed = isinstance(arguments[3], (list, tuple))
    data, sizes, hx, *rest = arguments if packed else (arguments[0], None, *arguments[1:])
    params, has_biases, num_layers, chance, train, bidirectional, *batch_first = rest
    tensors = [data, *(states(hx) if isinstance(hx, (list, tuple, Tensor)) else [None])]
    if not isinstance(params, (list, tuple)) or not all(isinstance(part, Tensor) for part in (*tensors, *params)):
        raise type_error("a recurrent layer takes tensors, its states as a tensor or several, and a list of weights")
    if not isinstance(num_layers, int) or not isinstance(chance, (int, float)):
        raise type_error("a recurrent layer takes its number of layers as an int and its dropout as a float")
    if not all(isinstance(flag, int) for flag in (has_biases, train, bidirectional, *batch_first)):
        raise type_error("a recurrent layer takes has_biases, train, bidirectional and batch_first as bools")
    if any(part.ndim > 2 for part in params):
        raise TcalcError("the weights of a recurrent layer have at most two dimensions")
    network = _Network(step, params, has_biases, num_layers, chance if train else 0.0, bidirectional)
    return _packed(network, data, sizes, states(hx)) if packed else _sequence(network, data, states(hx), *batch_first)


def _one_state(state: Any) -> State:
    return (state,)


_SHARED = """

    ``(input, hx, params, has_biases, num_layers, dropout, train, bidirectional, batch_first)``: ``input`` is (steps,
    batch, features), ``params`` holds w_ih, w_hh and, with biases, b_ih, b_hh of each layer in each direction. Packed
    sequences: ``(data, batch_sizes, hx, params, has_biases, num_layers, dropout, train, bidirectional)``.
"""


def _register(name: str, step: Step, states: Callable[[Any], State], summary: str, example: str) -> None:
    def function(
        input: Tensor,
        hx: Any,
        params: Any,
        has_biases: Any,
        num_layers: Any,
        dropout: Any,
        train: Any,
        bidirectional: Any,
        batch_first: Any,
    ) -> tuple[Tensor, ...]:
        arguments = (input, hx, params, has_biases, num_layers, dropout, train, bidirectional, batch_first)
        return _any_sequence(step, states, arguments)

    function.__name__ = name
    function.__doc__ = f"{summary}{_SHARED}\n    {example}\n    "
    op(function, method=False)


_register(
    "lstm",
    _lstm_step,
    tuple,
    "Sequences through layers of an LSTM.\n\nEvery step's output, the last hidden states, the last cell states.",
    """>>> state = (zeros(1, 1, 1), zeros(1, 1, 1))
    >>> lstm(ones(2, 1, 1), state, [ones(4, 1), ones(4, 1)], False, 1, 0., False, False, False)[1]
    tensor([[[0.6505]]])""",
)
_register(
    "gru",
    _gru_step,
    _one_state,
    "Sequences through layers of a GRU.\n\nEvery step's output and the last hidden states.",
    """>>> gru(ones(2, 1, 1), zeros(1, 1, 1), [ones(3, 1), ones(3, 1)], False, 1, 0., False, False, False)[1]
    tensor([[[0.3468]]])""",
)
_register(
    "rnn_tanh",
    _tanh_step,
    _one_state,
    "Sequences through recurrent layers with tanh.\n\nEvery step's output and the last hidden states.",
    """>>> rnn_tanh(ones(2, 1, 1), zeros(1, 1, 1), [ones(1, 1), ones(1, 1)], False, 1, 0., False, False, False)[1]
    tensor([[[0.9427]]])""",
)
_register(
    "rnn_relu",
    _relu_step,
    _one_state,
    "Sequences through recurrent layers with relu.\n\nEvery step's output and the last hidden states.",
    """>>> rnn_relu(ones(2, 1, 1), zeros(1, 1, 1), [ones(1, 1), ones(1, 1)], False, 1, 0., False, False, False)[1]
    tensor([[[2.]]])""",
)
