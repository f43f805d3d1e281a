"""JAX: jit of vmap of value_and_grad, in float64."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy

from benchmarks.clock import Run
from benchmarks.models import Model

jax.config.update("jax_enable_x64", True)


def rows(model: Model, values: Mapping[str, Any], count: int) -> Run:
    """The output and all gradients; compiled, and its arrays made, beforehand."""
    given = tuple(jnp.asarray(numpy.asarray(value)) for value in values.values())
    axes = tuple(0 if value.ndim else None for value in given)
    passes = jax.value_and_grad(lambda *xs: model.function(jnp, *xs), argnums=tuple(range(len(given))))
    many = jax.jit(jax.vmap(passes, in_axes=axes))
    jax.block_until_ready(many(*given))
    return Run(
        lambda: jax.block_until_ready(many(*given)),
        count,
        lambda found: [float(x.sum()) for x in (found[0], *found[1])],
    )
