"""Graph + Trace -> Graph + Trace: what of a large circuit is drawn, with the numbers of the whole.

`neighbourhoods` cut out what is around some nodes, `statements` close what computes a name to one gate.
"""

from __future__ import annotations

from gradviz.views.neighbourhoods import RADIUS, View, around, largest
from gradviz.views.statements import MOST_OPEN, closed, closes_by_itself, names_opened

__all__ = ["MOST_OPEN", "RADIUS", "View", "around", "closed", "closes_by_itself", "largest", "names_opened"]
