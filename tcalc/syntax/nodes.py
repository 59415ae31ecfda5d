"""The tree: one class a node. Names and fields are those of CPython's ``ast``, with spans.

Every node has a ``span`` and lists its fields in ``fields``, in CPython's order. Differences from ``ast``, all of
them on purpose:

- an operator field holds its row of the operator table (:class:`~tcalc.syntax.operators.Operator`);
- parameters are :class:`Params` of :class:`Param`, each with its own default and annotation;
- there are no ``Load``/``Store`` contexts: a target is a target by where it stands;
- ``FormattedValue.conversion`` is ``"r"``, ``"s"``, ``"a"`` or ``None``; a format spec is a ``JoinedStr`` or ``None``.

Expressions and statements have a file each; both are reached by ``from tcalc.syntax import nodes``.
Plain classes: ``dataclasses`` would cost a scalar one-liner milliseconds of start-up.
"""

from __future__ import annotations

from tcalc.syntax.expression_nodes import *  # noqa: F403
from tcalc.syntax.statement_nodes import *  # noqa: F403
