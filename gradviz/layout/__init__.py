"""Picture -> Layout: where every circle, shelf, wire and frame lies.

`sizes` says how much room things need, `layers` who stands in which column and in what order (`groups` and `bands` when
there are boxes), `rows` how high, `routes` how wires run, `frames` where boxes lie, `places` puts it all together.
"""

from __future__ import annotations

from gradviz.layout.places import Caption, Circle, Layout, Name, Shelf, layout

__all__ = ["Caption", "Circle", "Layout", "Name", "Shelf", "layout"]
