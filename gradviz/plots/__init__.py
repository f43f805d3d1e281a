"""Pictures of a descent: the loss over the iterations, and the bowl that it walks down."""
