"""w*x+b as torchviz draws it: `make_dot` and one `dot` process."""

import sys

import torch
from torchviz import make_dot

w, x, b = (torch.tensor(value, requires_grad=True) for value in (-2.0, 5.0, 3.0))
f = w * x + b
f.backward()
sys.stdout.buffer.write(make_dot(f, params={"w": w, "x": x, "b": b}).pipe("svg"))
